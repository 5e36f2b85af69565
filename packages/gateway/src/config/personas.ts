import type { Persona } from './settings.ts';

/** Names of the claims that any of them has. */
export function claimNamesOf(personas: readonly Persona[]): readonly string[] {
  return [...new Set(personas.flatMap(({ claims }) => Object.keys(claims ?? {})))];
}

/** Who may be played with `--dev` when the configuration names nobody. */
export const DEFAULT_PERSONAS: readonly Persona[] = [
  {
    id: 'ada',
    name: 'Ada Admin',
    email: 'ada@example.com',
    description: 'Administrator: may do everything',
    roles: ['admin', 'analyst', 'viewer'],
    groups: ['it', 'finance'],
  },
  {
    id: 'alan',
    name: 'Alan Analyst',
    email: 'alan@example.com',
    description: 'Analyst in finance',
    roles: ['analyst', 'viewer'],
    groups: ['finance'],
  },
  {
    id: 'vera',
    name: 'Vera Viewer',
    email: 'vera@example.com',
    description: 'Viewer: may only look',
    roles: ['viewer'],
    groups: [],
  },
];
