import { isObject } from '../core/object.ts';
import type { Context } from './context.ts';
import { HOUR } from './fields.ts';
import { DEFAULT_PERSONAS } from './personas.ts';
import { devSchema, personaSchema } from './schema.ts';
import type { DevSettings, Persona } from './settings.ts';
import { type Path, readShape } from './shape.ts';

/** The development provider, or `undefined` when it is off. */
export function readDev(context: Context): DevSettings | undefined {
  const raw = context.raw['dev'];
  if (raw === undefined || raw === false) return undefined;
  const read =
    raw === true || raw === null ? {} : readShape(devSchema, raw, ['dev'], context.problems, ['personas']);
  return {
    personas: readPersonas(context, isObject(raw) ? raw['personas'] : undefined),
    tokenLifetime: read.token_lifetime ?? HOUR,
  };
}

function readPersonas(context: Context, people: unknown): readonly Persona[] {
  if (people === undefined) return DEFAULT_PERSONAS;
  if (Array.isArray(people) && people.length > 0) return uniquePersonas(context, people);
  context.problems.add(
    ['dev', 'personas'],
    'should be a list of people',
    'Leave it out for the usual three.',
  );
  return DEFAULT_PERSONAS;
}

function uniquePersonas(context: Context, people: readonly unknown[]): Persona[] {
  const taken = new Set<string>();
  return people.flatMap((each, index) => {
    const path: Path = ['dev', 'personas', index];
    const read = readShape(personaSchema, each, path, context.problems);
    if (read.name === undefined || read.email === undefined) return [];
    const id =
      read.id ??
      read.name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, '');
    if (id === '' || taken.has(id))
      context.problems.add(path, 'cannot be told from another person', 'Give it an id of its own.');
    taken.add(id);
    const description = read.description === undefined ? {} : { description: read.description };
    return [
      {
        id,
        name: read.name,
        email: read.email,
        ...description,
        roles: read.roles ?? [],
        groups: read.groups ?? [],
        ...(read.claims === undefined ? {} : { claims: read.claims }),
      },
    ];
  });
}
