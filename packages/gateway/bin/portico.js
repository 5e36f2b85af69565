#!/usr/bin/env node
'use strict';

// Syntax of Node 12 throughout: an older Node must get as far as the sentence below.
var nodeModule = require('module');
var os = require('os');
var path = require('path');

/** The oldest Node that runs Portico; the same as `engines` in package.json. */
var NODE_NEEDED = 24;

/**
 * A directory of our own, because the default lies in the shared temporary directory, where another user of the
 * machine could put compiled code for us to run.
 */
function compileCacheDirectory() {
  var base = process.env.XDG_CACHE_HOME || process.env.LOCALAPPDATA || path.join(os.homedir(), '.cache');
  return path.join(base, 'portico', 'compile-cache');
}

/**
 * V8 may decide that what one place of the code allocates lives long, and put it straight among the old objects. Where that is what
 * every request allocates, it keeps all that the request had alive until the next full collection: a third of the
 * requests per second and pauses of 30 ms, by chance of the first seconds. Whether it happened, --trace-gc shows.
 */
function keepRequestsYoung() {
  require('v8').setFlagsFromString('--no-allocation-site-pretenuring');
}

function start() {
  keepRequestsYoung();
  try {
    if (!process.env.NODE_COMPILE_CACHE) nodeModule.enableCompileCache(compileCacheDirectory());
  } catch (_error) {
    // Without a home directory the start is a little slower, nothing more.
  }
  import('../dist/main.js').catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
}

if (parseInt(process.versions.node, 10) >= NODE_NEEDED) {
  start();
} else {
  console.error(
    'portico needs Node.js ' +
      NODE_NEEDED +
      ' or newer, and this is Node.js ' +
      process.versions.node +
      '; install it from https://nodejs.org and run the same command again.',
  );
  process.exitCode = 1;
}
