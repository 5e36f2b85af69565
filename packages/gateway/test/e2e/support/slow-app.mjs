// An app for tests: it listens when told to, dies when asked to, and has a child of its own.
import { spawn } from 'node:child_process';
import { existsSync, watch } from 'node:fs';
import { createServer } from 'node:http';
import { dirname } from 'node:path';

const go = process.argv[2];
const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
console.log(`waiting for ${go}`);

const server = createServer((request, response) => {
  if (request.url.endsWith('/crash')) process.exit(3);
  if (request.url.endsWith('/pids')) return response.end(JSON.stringify([process.pid, child.pid]));
  response.setHeader('content-type', 'text/html');
  response.end('<!doctype html><title>app</title><h1>The app itself</h1>');
});
let listening = false;
function look() {
  if (listening || !existsSync(go)) return;
  listening = true;
  server.listen(Number(process.env.PORT), '127.0.0.1');
}
watch(dirname(go), look);
look();
