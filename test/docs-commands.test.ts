import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS, type Exercise } from './support/docs-commands.ts';
import { cleanEnvironment, filesUnder, ROOT } from './support/node.ts';

/** A line that a reader would type, and where it is written. */
interface Command {
  readonly where: string;
  readonly text: string;
}

/** Commands in the `sh` blocks of a page: comments and blank lines are left out, continued lines are joined. */
function commandsOf(file: string): Command[] {
  const page = readFileSync(file, 'utf8');
  return [...page.matchAll(/^( *)```(?:sh|bash|shell|console)\b[^\n]*\n([\s\S]*?)^\1```/gm)].flatMap(
    (block) => {
      const first = page.slice(0, block.index).split('\n').length;
      const lines = (block[2] ?? '').replace(/\\\n\s*/g, () => '').split('\n');
      return lines
        .map((line, index) => ({ where: `${relative(ROOT, file)}:${first + 1 + index}`, text: clean(line) }))
        .filter(({ text }) => text !== '');
    },
  );
}

const clean = (line: string) =>
  line
    .replace(/(^|\s)#\s.*$/, '')
    .replace(/^\s*\$\s/, '')
    .trim()
    .replace(/\s+/g, ' ');

const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'packages/gateway/README.md']
  .map((name) => join(ROOT, name))
  .filter((file) => existsSync(file))
  .concat(filesUnder(join(ROOT, 'docs')).filter((file) => file.endsWith('.md')));
const commands = pages.flatMap(commandsOf);

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
