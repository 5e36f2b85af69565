import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePython } from '../../packages/gateway/src/demo/python.ts';
import { countJUnit } from './junit.ts';
import { lacking, reasonOf } from './machine.ts';
import { failed, type Outcome, passed, sum } from './outcome.ts';

/**
 * The tests of the Python package: its types by mypy, which count as one test, and pytest on the pinned frameworks.
 *
 * @param root - of the repository
 * @param filters - files, folders and options for pytest; none means all
 */
export async function pythonTests(root: string, filters: readonly string[]): Promise<Outcome> {
  let programs: string;
  try {
    programs = await ensurePython({ frameworks: [], tests: true });
  } catch (error) {
    return lacking([`no Python environment: ${reasonOf(error)}`]);
  }
  const run = (tool: string, words: readonly string[]) =>
    spawnSync(join(programs, 'python'), ['-m', tool, ...words], {
      cwd: join(root, 'python', 'portico'),
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    }).status ?? 1;

  const types = filters.length > 0 || run('mypy', []) === 0 ? passed : failed('the types of Python (mypy)');
  const results = join(root, 'test-results');
  const report = join(results, 'python.xml');
  mkdirSync(results, { recursive: true });
  rmSync(report, { force: true });
  const exitCode = run('pytest', ['--quiet', `--junitxml=${report}`, ...filters]);
  if (!existsSync(report))
    return sum([types, failed(`pytest ended with code ${exitCode} and left no report`)]);
  return sum([types, countJUnit(readFileSync(report, 'utf8'), exitCode)]);
}
