import { spawnSync } from 'node:child_process';

/** Languages that products in `examples/hosts` are made with. */
export const LANGUAGES = ['php', 'mono'] as const;
export type Language = (typeof LANGUAGES)[number];

/** What runs them, and the Debian package that it comes in. */
const NEEDS: Readonly<Record<Language, { readonly programs: readonly string[]; readonly from: string }>> = {
  php: { programs: ['php'], from: 'php-cli' },
  mono: { programs: ['mcs', 'mono'], from: 'mono-mcs' },
};

/** What this machine lacks for a language; undefined when it is all there. */
export function lackingFor(language: Language): string | undefined {
  const { programs, from } = NEEDS[language];
  const lacking = programs.filter((program) => spawnSync(program, ['--version']).error !== undefined);
  return lacking.length === 0 ? undefined : `no ${lacking.join(', no ')}: apt-get install ${from}`;
}
