// `node scripts/wheel.mjs [folder]`: the Python package as a wheel, with the compiled gateway and what it runs on inside.
// Everything comes from this checkout, as package-lock.json has it; only pip asks its registry, for the build tool.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, extname, join, relative, resolve, sep } from 'node:path';
import {
  checkNode,
  ensureBuild,
  ensurePackages,
  findNode,
  ROOT,
  runScript,
  SetupError,
  say,
} from './setup.mjs';

const GATEWAY = 'packages/gateway';
const PYTHON = join(ROOT, 'python', 'portico');
/** Where portico_gateway/command.py looks. */
const PROGRAM = join('src', 'portico_gateway', 'program');
const PYTHONS = process.platform === 'win32' ? ['python', 'py'] : ['python3', 'python'];
const PYTHON_CHECK = 'import sys; assert sys.version_info >= (3, 11); import pip';

/** What Node.js never reads when it runs a package. */
const UNREAD = new Set(['.ts', '.mts', '.cts', '.map', '.md', '.markdown', '.flow', '.tsbuildinfo']);
const WORKSHOP = /^(test|tests|__tests__|bench|benchmarks?|examples?|docs|coverage|\.github)$/;

/** The places in node_modules that the gateway needs in production, found as Node.js finds them: from the inside out. */
function productionPackages() {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  const found = new Set();
  const locate = (from, name) => {
    const inside = `${from}/node_modules/${name}`;
    if (packages[inside]) return inside;
    const end = from.lastIndexOf('/node_modules/');
    return end > 0 ? locate(from.slice(0, end), name) : `node_modules/${name}`;
  };
  const follow = (place) => {
    const { dependencies, optionalDependencies } = packages[place];
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const at = locate(place, name);
      if (found.has(at) || !existsSync(join(ROOT, at))) continue;
      found.add(at);
      follow(at);
    }
  };
  follow(GATEWAY);
  return [...found];
}

const LICENCE = /^(licen[cs]e|copying|notice)/i;

/** Whether a file is read by Node.js, or is the licence under which it may be handed on. */
function isNeeded(file) {
  return LICENCE.test(basename(file)) || !UNREAD.has(extname(file));
}

/** Copies a package without what is nested in it, which is copied by itself where it is needed. */
function copyPackage(from, to) {
  // Some say their licence in the README only.
  const licence = readdirSync(from).some((name) => LICENCE.test(name)) ? LICENCE : /^readme/i;
  const filter = (file) => {
    const [first = ''] = relative(from, file).split(sep);
    if (first === 'node_modules' || WORKSHOP.test(first)) return false;
    return isNeeded(file) || licence.test(first);
  };
  cpSync(from, to, { recursive: true, filter });
}

function copyGateway(program) {
  const { files } = JSON.parse(readFileSync(join(ROOT, GATEWAY, 'package.json'), 'utf8'));
  const shipped = [...files.filter((name) => !name.startsWith('!')), 'package.json', 'LICENSE'];
  const stamp = '.portico-build';
  for (const name of shipped) {
    const filter = (file) => basename(file) !== stamp && isNeeded(file);
    cpSync(join(ROOT, GATEWAY, name), join(program, name), { recursive: true, filter });
  }
  for (const place of productionPackages()) copyPackage(join(ROOT, place), join(program, place));
}

function findPython() {
  const found = PYTHONS.find((name) => spawnSync(name, ['-c', PYTHON_CHECK]).status === 0);
  if (found) return found;
  throw new SetupError('The wheel needs Python 3.11 or newer with pip, and none was found.');
}

/** Puts the wheel into a folder. @throws SetupError */
function buildWheel(folder) {
  const staged = mkdtempSync(join(tmpdir(), 'portico-wheel-'));
  try {
    for (const name of ['pyproject.toml', 'README.md', 'LICENSE', 'src']) {
      const filter = (file) => basename(file) !== '__pycache__';
      cpSync(join(PYTHON, name), join(staged, name), { recursive: true, filter });
    }
    copyGateway(join(staged, PROGRAM));
    mkdirSync(folder, { recursive: true });
    const pip = ['-m', 'pip', 'wheel', '--quiet', '--disable-pip-version-check', '--no-deps'];
    const result = spawnSync(findPython(), [...pip, '--wheel-dir', folder, staged], {
      stdio: ['ignore', 2, 2],
    });
    if (result.status !== 0) throw new SetupError('pip could not build the wheel; its own message is above.');
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
}

await runScript(() => {
  const folder = resolve(process.argv[2] ?? join(PYTHON, 'dist'));
  checkNode();
  ensurePackages();
  ensureBuild(findNode());
  buildWheel(folder);
  say(`the wheel is in ${folder}`);
});
