import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lacking, prepareBrowser, prepareLanguages, preparePython } from './machine.ts';
import { countReport, failed, type Outcome, passed, sum, type VitestReport } from './outcome.ts';
import { pythonTests } from './python.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const RESULTS = join(ROOT, 'test-results');

export interface Part {
  readonly name: string;
  readonly title: string;
  /** @param filters file names or parts of them; none means all */
  run(filters: readonly string[]): Outcome | Promise<Outcome>;
}

function tool(path: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): number {
  const result = spawnSync(process.execPath, [join(ROOT, 'node_modules', path), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  return result.status ?? 1;
}

function vitest(
  part: string,
  project: string,
  filters: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Outcome {
  mkdirSync(RESULTS, { recursive: true });
  const report = join(RESULTS, `${part}.json`);
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const exitCode = tool('vitest/vitest.mjs', ['run', '--project', project, ...reporters, ...filters], env);
  if (!existsSync(report)) return failed(`${part}: Vitest ended with code ${exitCode} and left no report`);
  const parsed: VitestReport = JSON.parse(readFileSync(report, 'utf8'));
  return countReport(parsed, exitCode, (file) => relative(ROOT, file));
}

/** Tests of the repository itself; `filters` narrow a part down within its own files. */
function repoPart(name: string, title: string, files: readonly string[]): Part {
  return { name, title, run: (filters) => vitest(name, 'repo', filters.length > 0 ? filters : files) };
}

async function endToEnd(filters: readonly string[]): Promise<Outcome> {
  const findings = { ...prepareBrowser(ROOT), ...prepareLanguages(), ...(await preparePython()) };
  const reasons = Object.entries(findings).filter(([name]) => name.startsWith('PORTICO_TEST_MISSING_'));
  return sum([lacking(reasons.map(([, why]) => why)), vitest('e2e', 'e2e', filters, findings)]);
}

/** Everything that `npm test` runs, in this order: the quick ones first. */
export const PARTS: readonly Part[] = [
  {
    name: 'build',
    title: 'Build',
    run: () => (process.env['PORTICO_TEST_BUILD_FAILED'] ? failed('the build') : passed),
  },
  {
    name: 'types',
    title: 'Types',
    // What runs in a browser knows other globals than what runs in Node.js.
    run: () =>
      ['tsconfig.json', 'packages/embed/tsconfig.json', 'examples/hosts/tsconfig.json'].every(
        (project) => tool('typescript/bin/tsc', ['-p', project]) === 0,
      )
        ? passed
        : failed('the types (tsc)'),
  },
  {
    name: 'lint',
    title: 'Lint and format',
    run: () => {
      const biome = ['check', '--error-on-warnings', '--max-diagnostics=50', '.'];
      return tool('@biomejs/biome/bin/biome', biome) === 0
        ? passed
        : failed('lint and format (npm run format helps)');
    },
  },
  repoPart('architecture', 'Architecture', ['test/architecture', 'test/outcome', 'test/setup']),
  { name: 'unit', title: 'Unit and integration', run: (filters) => vitest('unit', 'unit', filters) },
  {
    name: 'python',
    title: 'The Python package',
    run: (filters) => pythonTests(ROOT, filters),
  },
  { name: 'e2e', title: 'End to end: real browser, real frameworks', run: endToEnd },
  repoPart('docs', 'The documentation', ['test/docs-']),
  repoPart('packaging', 'Packaging and a fresh clone', [
    'test/package',
    'test/verify-package',
    'test/embed-package',
    'test/wheel',
    'test/start',
  ]),
];
