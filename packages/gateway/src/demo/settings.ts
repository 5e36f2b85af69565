import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AppSettings, Persona } from '../config/settings.ts';
import { GatewayError } from '../core/errors.ts';
import { EXAMPLE_APPS, EXAMPLES, type ExampleName, isExample, repositoryRoot } from './examples.ts';

/** People of the development identity provider; each can do something that the one below cannot. */
export const DEMO_PERSONAS: readonly Persona[] = [
  {
    id: 'ada',
    name: 'Ada Admin',
    email: 'ada@example.com',
    description: 'Enters everything, the admin page included',
    roles: ['admin', 'analyst', 'viewer'],
    groups: ['it', 'finance'],
  },
  {
    id: 'ana',
    name: 'Ana Analyst',
    email: 'ana@example.com',
    description: 'Enters the dashboards, not the admin page',
    roles: ['analyst', 'viewer'],
    groups: ['finance'],
  },
  {
    id: 'vik',
    name: 'Vik Viewer',
    email: 'vik@example.com',
    description: 'Enters the sample dashboard only',
    roles: ['viewer'],
    groups: ['sales'],
  },
];

/** The bundled sample app; compiled or not, it lies beside this file. */
function sampleApp(): AppSettings {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return {
    name: 'demo',
    title: 'Live operations',
    description: 'The sample dashboard: who is looking, live',
    type: 'command',
    at: '/demo',
    run: [process.execPath, fileURLToPath(new URL(`./app/main.${ending}`, import.meta.url))],
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    allow: [{ kind: 'everyone' }],
    rules: [
      { path: '/admin/**', access: { public: false, allow: [{ kind: 'role', value: 'admin' }] } },
      { path: '/healthz', access: { public: true } },
    ],
  };
}

function exampleApp(name: ExampleName, python: string, path: string): AppSettings {
  const { type, run, title, description } = EXAMPLE_APPS[name];
  return {
    name,
    title,
    description,
    type,
    at: `/${name}`,
    run,
    cwd: join(repositoryRoot(), 'examples', name),
    env: { PATH: python + delimiter + path, PYTHONDONTWRITEBYTECODE: '1' },
    allow: [{ kind: 'role', value: 'analyst' }],
    rules: [],
  };
}

/**
 * The apps of `portico demo`: the sample dashboard, and the examples that were asked for.
 *
 * @param python - folder of the Python environment's programs, from `ensurePython`; unused without examples
 * @param path - PATH of the gateway
 */
export function demoApps(examples: readonly ExampleName[], python: string, path: string): AppSettings[] {
  return [sampleApp(), ...examples.map((name) => exampleApp(name, python, path))];
}

/**
 * The names after `--with`, in the order of the launcher.
 *
 * @throws GatewayError `unknown_example` naming every unknown word and the known ones
 */
export function parseExamples(value: string): ExampleName[] {
  const words = value.split(/[\s,]+/).filter(Boolean);
  const unknown = words.filter((word) => word !== 'all' && !isExample(word));
  if (unknown.length > 0) {
    throw new GatewayError(
      'unknown_example',
      400,
      `--with ${unknown.join(', ')}: unknown. Known are ${EXAMPLES.join(', ')} and all.`,
    );
  }
  return EXAMPLES.filter((name) => words.includes(name) || words.includes('all'));
}
