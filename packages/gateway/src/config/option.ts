/** The commands of `portico`. */
export const COMMANDS = [
  'serve',
  'demo',
  'check',
  'secret',
  'hash-password',
  'sessions',
  'completion',
  'help',
  'version',
] as const;
export type CommandName = (typeof COMMANDS)[number];

/** One command line option; parser, help, completion and docs/configuration.md are all made from these. */
export interface Option {
  /** Without the dashes. */
  readonly name: string;
  /** What stands for the value in the help; without it the option is a switch. */
  readonly value?: string;
  /** May be given several times; its environment variable takes a comma-separated list. */
  readonly multiple?: true;
  /** A value may hold several, with commas between them. */
  readonly commas?: true;
  /** One sentence without a full stop. */
  readonly help: string;
  readonly group: 'What to serve' | 'Where to listen' | 'Sign-in' | 'Sessions' | 'Logs';
  readonly commands: readonly CommandName[];
  /** Environment variables, the first of them documented first. */
  readonly env: readonly string[];
  /** Panel's variables of the same meaning. They count least: below portico.yaml. */
  readonly panel?: readonly string[];
  /** Its key in portico.yaml, if it has one. */
  readonly key?: string;
  readonly choices?: readonly string[];
  /** The value is a path, relative to the working directory. */
  readonly path?: true;
  /** The value must not be shown. */
  readonly secret?: true;
  /** Understood, so that a command of `panel serve` works as it stands, and without effect: why, in one sentence. */
  readonly idle?: string;
}

export const SERVING = ['serve', 'check'] as const;
export const LISTENING = ['serve', 'demo', 'check'] as const;
export const STORING = ['serve', 'demo', 'check', 'sessions'] as const;

export function option(spec: Omit<Option, 'env'> & { env?: readonly string[] }): Option {
  return { env: [variableOf(spec.name)], ...spec };
}

/** The environment variable of an option: the flag in capitals. */
export function variableOf(name: string): string {
  return `PORTICO_${name.toUpperCase().replaceAll('-', '_')}`;
}
