/** One thing that `portico check` looked at. */
export interface Finding {
  readonly level: 'ok' | 'note' | 'problem';
  /** Stable, snake_case; for scripts that read `--json`. */
  readonly code: string;
  /** What was found, one sentence; never a secret. */
  readonly found: string;
  /** What to do about it, where there is something to do. */
  readonly fix?: string;
  /** Where to read more. */
  readonly link?: string;
}

/** Findings about one provider, one app or the gateway itself. */
export interface Section {
  readonly title: string;
  readonly findings: readonly Finding[];
}

export const ok = (code: string, found: string): Finding => ({ level: 'ok', code, found });

export const note = (code: string, found: string, fix?: string): Finding => ({
  level: 'note',
  code,
  found,
  ...(fix === undefined ? {} : { fix }),
});

export const problem = (code: string, found: string, fix: string, link?: string): Finding => ({
  level: 'problem',
  code,
  found,
  fix,
  ...(link === undefined ? {} : { link }),
});

export function problemsIn(sections: readonly Section[]): number {
  return sections.flatMap(({ findings }) => findings).filter(({ level }) => level === 'problem').length;
}
