import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS, type Exercise } from './support/docs-commands.ts';
import { blocksOf, type DocPage, PAGES } from './support/docs-pages.ts';
import { cleanEnvironment, ROOT } from './support/node.ts';

/** A line that a reader would type, and where it is written. */
interface Command {
  readonly where: string;
  readonly text: string;
}

/** Commands in the `sh` blocks of a page: comments and blank lines are left out, continued lines are joined. */
function commandsOf(page: DocPage): Command[] {
  return blocksOf(page, 'sh', 'bash', 'shell', 'console').flatMap(({ text, line }) =>
    text
      .replaceAll(/\\\n\s*/g, '')
      .split('\n')
      .map((typed, index) => ({ where: `${page.name}:${line + 1 + index}`, text: clean(typed) }))
      .filter((command) => command.text !== ''),
  );
}

const clean = (line: string) =>
  line
    .replace(/(^|\s)#\s.*$/, '')
    .replace(/^\s*\$\s/, '')
    .trim()
    .replace(/\s+/g, ' ');

const commands = PAGES.flatMap(commandsOf);

const matches = (exercise: Exercise, text: string) =>
  typeof exercise.command === 'string' ? exercise.command === text : exercise.command.test(text);
const exerciseOf = (text: string) => COMMANDS.find((exercise) => matches(exercise, text));

describe('every command in the documentation', () => {
  it('is run by a test, or is listed with the reason why it cannot run here', () => {
    const unknown = commands.filter(({ text }) => exerciseOf(text) === undefined);
    expect(unknown.map(({ where, text }) => `${where}: ${text}`)).toEqual([]);
  });

  it('is still there when the list in test/support/docs-commands.ts names it', () => {
    const stale = COMMANDS.filter((exercise) => !commands.some(({ text }) => exerciseOf(text) === exercise));
    expect(stale.map(({ command }) => String(command))).toEqual([]);
  });

  const tested = COMMANDS.filter((exercise) => 'test' in exercise);
  it.each(tested)('$command is run by $test', ({ test, contains }) => {
    expect(readFileSync(join(ROOT, test), 'utf8')).toContain(contains);
  });

  const runnable = COMMANDS.filter((exercise) => 'run' in exercise);
  it.each(runnable)('$command works as written', ({ command, run }) => {
    const result = spawnSync(command, {
      shell: true,
      cwd: ROOT,
      env: { ...cleanEnvironment(), ...run.env },
      encoding: 'utf8',
      timeout: 120_000,
    });
    expect(result.stdout + result.stderr).toMatch(run.prints);
    expect(result.status).toBe(run.exitCode ?? 0);
  });
});

describe('every python block in the documentation', () => {
  const names = PAGES.flatMap((page) => blocksOf(page, 'python', 'py')).map(({ page }) => page.name);

  it('that is the first of its framework is an app which packages/gateway/test/e2e/one-line.e2e.test.ts runs', () => {
    const ofFrameworks = new Set(names.filter((name) => name.startsWith('docs/frameworks/')));
    const test = readFileSync(join(ROOT, 'packages/gateway/test/e2e/one-line.e2e.test.ts'), 'utf8');
    expect(test).toContain("readdirSync(join(ROOT, 'docs', 'frameworks'))");
    expect(ofFrameworks.size).toBeGreaterThan(4);
  });

  it('stands in docs/, where python/portico/tests/test_docs.py reads it, and runs the guide', () => {
    expect(names.filter((name) => !name.startsWith('docs/'))).toEqual([]);
    const test = readFileSync(join(ROOT, 'python/portico/tests/test_docs.py'), 'utf8');
    expect(test).toContain('DOCS.rglob("*.md")');
    expect(names).toContain('docs/python.md');
    expect(test).toContain('DOCS / "python.md"');
  });
});
