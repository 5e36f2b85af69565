import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GatewayError } from '../core/errors.ts';
import { EXAMPLE_APPS, type ExampleName, repositoryRoot } from './examples.ts';

const WINDOWS = process.platform === 'win32';
const CANDIDATES = WINDOWS
  ? ['python', 'python3', 'py']
  : ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python'];
const CHECK =
  'import sys; assert sys.version_info >= (3, 11); import venv, ensurepip; print(sys.version.split()[0])';

/** What the package `portico` needs, and what installs it from the repository. */
const PORTICO_PACKAGES = ['httpx', 'PyJWT', 'cryptography', 'hatchling'];
/** What its tests need besides: every framework that it knows, a test runner and a type checker. */
const TEST_PACKAGES = [
  ...Object.values(EXAMPLE_APPS).flatMap(({ packages }) => packages),
  ...[
    'shiny',
    'diskcache',
    'multiprocess',
    'psutil',
    'httpx2',
    'websockets',
    'pytest',
    'pytest-asyncio',
    'mypy',
  ],
];

interface PythonOptions {
  readonly frameworks: readonly ExampleName[];
  /** With what the tests of the Python package need, too. */
  readonly tests?: boolean;
  /** No output but for errors. */
  readonly quiet?: boolean;
}

/** What is in the environment. */
interface Stamp {
  /** Hash of requirements.txt; another one, and the environment is made anew. */
  readonly pins: string;
  readonly packages: readonly string[];
  /** Hash of the package's pyproject.toml; another one, and the package is installed again. */
  readonly portico: string;
}

/**
 * A Python environment with the pinned packages of the given examples, and with the repository's `portico`, in `.venv`
 * of the repository. What is there is kept: the second call costs a look at a stamp file.
 *
 * @returns the folder of the environment's programs, to be put first in PATH
 * @throws GatewayError `python_not_found` or `python_setup_failed`, each with what to do
 */
export async function ensurePython(options: PythonOptions): Promise<string> {
  const root = repositoryRoot();
  const folder = join(root, '.venv');
  const bin = join(folder, WINDOWS ? 'Scripts' : 'bin');
  const requirements = join(root, 'examples', 'requirements.txt');
  const source = join(root, 'python', 'portico');
  const stamp = join(folder, 'portico.stamp.json');
  const pins = hashOf(requirements);
  const portico = hashOf(join(source, 'pyproject.toml'));

  const before = readStamp(stamp);
  const there = existsSync(join(bin, WINDOWS ? 'python.exe' : 'python')) && before?.pins === pins;
  const current = there ? before.packages : [];
  const wanted = options.frameworks.flatMap((name) => EXAMPLE_APPS[name].packages);
  const needed = [...PORTICO_PACKAGES, ...wanted, ...(options.tests ? TEST_PACKAGES : [])];
  const missing = [...new Set(needed)].filter((name) => !current.includes(name)).sort();
  if (missing.length === 0 && before?.portico === portico) return bin;

  const quiet = options.quiet === true;
  const say = (line: string) => {
    if (!quiet) process.stderr.write(`${line}\n`);
  };
  if (!there) {
    const python = await findPython();
    say(`Python ${python.version}: making an environment in .venv`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    await run(python.program, ['-m', 'venv', folder], true);
  }
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input'];
  const install = (words: readonly string[]) =>
    run(join(bin, 'python'), [...pip, ...(quiet ? ['--quiet'] : []), ...words], quiet);
  if (missing.length > 0) {
    say(`Installing ${missing.join(', ')} with pinned versions; this takes a minute or two the first time`);
    await install(['--constraint', requirements, ...missing]);
  }
  // Editable, so that the apps run what is in the repository; with the tools that are installed already.
  await install(['--no-build-isolation', '--no-deps', '--quiet', '--editable', source]);
  const packages = [...current, ...missing].sort();
  writeFileSync(stamp, JSON.stringify({ pins, packages, portico } satisfies Stamp));
  return bin;
}

const hashOf = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

/** An unreadable stamp is no stamp: the environment is made anew. */
function readStamp(file: string): Stamp | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Stamp;
  } catch {
    return undefined;
  }
}

async function findPython(): Promise<{ program: string; version: string }> {
  for (const program of CANDIDATES) {
    const result = await capture(program, ['-c', CHECK]);
    if (result.code === 0) return { program, version: result.output.trim() };
  }
  throw new GatewayError(
    'python_not_found',
    500,
    'The example apps need Python 3.11 or newer with its venv module, and none was found. ' +
      'Install it from https://www.python.org/downloads/ (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python).',
  );
}

async function run(program: string, argv: readonly string[], quiet: boolean): Promise<void> {
  const result = await capture(program, argv, !quiet);
  if (result.code === 0) return;
  throw new GatewayError(
    'python_setup_failed',
    500,
    `${program} ${argv.slice(0, 3).join(' ')} failed. Check the network, remove .venv and try again.\n${result.output.slice(-2000)}`,
  );
}

function capture(
  program: string,
  argv: readonly string[],
  show = false,
): Promise<{ code: number; output: string }> {
  return new Promise((settle) => {
    // Shown output goes to our standard error, with its progress bars: standard output is for what is asked for.
    const child = spawn(program, argv, { stdio: ['ignore', show ? 2 : 'pipe', show ? 2 : 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', () => settle({ code: 127, output: `${program}: not found` }));
    child.once('close', (code) => settle({ code: code ?? 1, output }));
  });
}
