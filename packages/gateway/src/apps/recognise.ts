import { basename } from 'node:path';
import type { AppType } from '../config/settings.ts';

/** The text of a file of the app, relative to its working directory, or `undefined` when it cannot be read. */
type ReadSource = (path: string) => string | undefined;

/** Programs that run another program: what follows them decides. */
const RUNNERS = new Set([
  'uv',
  'poetry',
  'conda',
  'mamba',
  'micromamba',
  'pdm',
  'hatch',
  'pipenv',
  'pixi',
  'rye',
]);
const ASSIGNMENT = /^[A-Za-z_]\w*=/;
const PYTHON = /^(?:python|pypy)[\d.]*$/;

/**
 * Command-line words of each framework: program, then the subcommands that serve something. `undefined` is a program
 * that serves without a subcommand.
 */
const PROGRAMS: ReadonlyMap<string, { type: AppType; subcommands?: readonly string[] }> = new Map([
  ['streamlit', { type: 'streamlit', subcommands: ['run', 'hello'] }],
  ['panel', { type: 'panel', subcommands: ['serve'] }],
  ['bokeh', { type: 'bokeh', subcommands: ['serve'] }],
  ['shiny', { type: 'shiny', subcommands: ['run'] }],
  ['marimo', { type: 'marimo', subcommands: ['run', 'edit'] }],
  ['jupyter', { type: 'jupyter', subcommands: ['lab', 'notebook', 'server'] }],
  ['gradio', { type: 'gradio' }],
  ['voila', { type: 'voila' }],
  ['jupyter-lab', { type: 'jupyter' }],
  ['jupyter-notebook', { type: 'jupyter' }],
]);

/** In this order, since a Gradio or Panel app may well import bokeh or plotly helpers of another. */
const IMPORTS: readonly (readonly [AppType, RegExp])[] = (
  ['streamlit', 'gradio', 'dash', 'panel', 'shiny'] as const
).map((type) => [type, new RegExp(`^[ \\t]*(?:import|from)[ \\t]+${type}\\b`, 'm')]);

/**
 * Which framework a command starts: from its words, and for `python app.py`, `uvicorn app:app` and `gunicorn app:server`
 * from what the file imports. Anything else is a plain `command`, which is served with `PORT` and `HOST` in its environment.
 */
export function recognise(argv: readonly string[], readSource: ReadSource): AppType {
  const start = skipAssignments(argv, 0);
  if (!RUNNERS.has(program(argv[start])) || !argv.slice(start).includes('run'))
    return at(argv, start, readSource) ?? 'command';
  // Options of a runner take values (`uv run --with pandas streamlit run …`), so look for the first words that make sense.
  for (let index = argv.indexOf('run', start) + 1; index < argv.length; index++) {
    const type = at(argv, index, readSource);
    if (type !== undefined) return type;
  }
  return 'command';
}

function at(argv: readonly string[], index: number, readSource: ReadSource): AppType | undefined {
  const name = program(argv[index]);
  if (PYTHON.test(name) || name === 'py') return python(argv, index + 1, readSource);
  if (name.endsWith('.py')) return imported(argv[index], readSource);
  if (name === 'uvicorn' || name === 'gunicorn' || name === 'hypercorn')
    return served(argv.slice(index + 1), readSource);
  const known = PROGRAMS.get(name);
  if (!known) return undefined;
  if (!known.subcommands || known.subcommands.includes(argv[index + 1] ?? '')) return known.type;
  return undefined;
}

/** `python [options] app.py` or `python -m module …`. */
function python(argv: readonly string[], from: number, readSource: ReadSource): AppType | undefined {
  for (let index = from; index < argv.length; index++) {
    const word = argv[index] ?? '';
    if (word === '-m') return at(argv, index + 1, readSource);
    if (word === '-W' || word === '-X') index++;
    else if (!word.startsWith('-')) return imported(word, readSource);
  }
  return undefined;
}

/** The `package.module:attribute` that an ASGI or WSGI server is given. */
function served(words: readonly string[], readSource: ReadSource): AppType | undefined {
  const target = words.find((word) => /^[\w.]+:[\w.()]+$/.test(word));
  return target === undefined
    ? undefined
    : imported(`${target.split(':')[0]?.replaceAll('.', '/')}.py`, readSource);
}

function imported(path: string | undefined, readSource: ReadSource): AppType | undefined {
  const source = path === undefined ? undefined : readSource(path);
  if (source === undefined) return undefined;
  return IMPORTS.find(([, pattern]) => pattern.test(source))?.[0];
}

function skipAssignments(argv: readonly string[], from: number): number {
  let index = from;
  if (program(argv[index]) === 'env') index++;
  while (ASSIGNMENT.test(argv[index] ?? '')) index++;
  return index;
}

function program(word: string | undefined): string {
  return basename(word ?? '').replace(/\.exe$/i, '');
}
