import { type CommandName, type Option, optionsOf } from './flags.ts';

/** What a command is for; also the rows of the overview. */
export const COMMAND_HELP: Readonly<
  Record<
    CommandName,
    { usage: string; summary: string; more?: string; examples?: readonly [string, string][] }
  >
> = {
  serve: {
    usage: 'portico serve [OPTIONS] [-- COMMAND…]',
    summary: 'Put one app or many behind sign-in',
    more: 'Starts the app, or finds it where it runs, and lets in who is signed in and allowed.',
    examples: [
      ['portico serve --dev -- streamlit run app.py', 'try it, with made-up people'],
      ['portico serve --upstream http://127.0.0.1:8501', 'the app already runs'],
      ['portico serve --config portico.yaml', 'many apps'],
    ],
  },
  demo: {
    usage: 'portico demo [OPTIONS]',
    summary: 'Show everything with sample apps and made-up people',
    examples: [
      ['portico demo', 'the sample app that comes with Portico'],
      ['portico demo --with streamlit,dash', 'and real frameworks, each at its own path'],
    ],
  },
  check: {
    usage: 'portico check [OPTIONS] [-- COMMAND…]',
    summary: 'Find every problem with the configuration, without serving',
    more: 'Looks at everything on this machine, and asks each identity provider as it is now: metadata, keys, clock, our redirect URI and our client. Changes nothing.',
    examples: [
      [
        'portico check --config portico.yaml',
        'exit code 0 when all is well, 1 with problems, 2 when it cannot be read',
      ],
    ],
  },
  secret: { usage: 'portico secret', summary: 'Print a fresh secret' },
  'hash-password': {
    usage: 'portico hash-password',
    summary: 'Ask for a password and print its argon2id hash',
    more: 'Put what it prints in place of a password in the configuration or in a file of users.',
    examples: [
      ['portico hash-password', 'asks twice, shows nothing of what is typed'],
      ['portico hash-password < password.txt', 'reads the password from a file'],
    ],
  },
  sessions: {
    usage: 'portico sessions list | revoke USER [OPTIONS]',
    summary: 'List who is signed in, or sign somebody out',
    examples: [
      ['portico sessions list', 'everybody who is signed in'],
      ['portico sessions revoke ada@example.com', 'ends all of her sessions and their open WebSockets'],
    ],
  },
  completion: {
    usage: 'portico completion bash | zsh | fish',
    summary: 'Print the completion script of a shell',
    examples: [
      ['source <(portico completion bash)', 'bash and zsh'],
      ['portico completion fish | source', 'fish'],
    ],
  },
  help: { usage: 'portico help [COMMAND]', summary: 'Explain a command' },
  version: { usage: 'portico version', summary: 'Print the version' },
};

/** The help of one command, or the overview. Ends with a line feed. */
export function helpFor(command?: CommandName): string {
  return command === undefined ? overview() : commandHelp(command);
}

function overview(): string {
  const rows = Object.entries(COMMAND_HELP).map(([name, { summary }]) => [name, summary] as const);
  return [
    'Portico: sign-in for data apps.',
    '',
    'Usage: portico COMMAND [OPTIONS]',
    '',
    'Commands',
    ...columns(rows),
    '',
    'Start here',
    ...columns([
      ['portico demo', 'see it work'],
      ['portico serve --dev -- streamlit run app.py', 'your own app, with made-up people'],
    ]),
    '',
    'portico COMMAND --help explains one command.',
    '',
  ].join('\n');
}

function commandHelp(command: CommandName): string {
  const { usage, summary, more, examples } = COMMAND_HELP[command];
  const options = optionsOf(command);
  const lines = [`${summary}.`, ...(more === undefined ? [] : [more]), '', `Usage: ${usage}`];
  const width = Math.max(0, ...options.map((each) => flagText(each).length));
  for (const group of new Set(options.map((each) => each.group))) {
    const rows = options
      .filter((each) => each.group === group)
      .map((each) => [flagText(each), each.help] as const);
    lines.push('', group, ...columns(rows, width));
  }
  if (examples !== undefined) lines.push('', 'Examples', ...columns(examples));
  if (options.length > 0)
    lines.push(
      '',
      'Every option is also an environment variable: --log-level is PORTICO_LOG_LEVEL.',
      'A flag wins over the environment, the environment over portico.yaml, and that over Panel’s variables.',
    );
  return `${lines.join('\n')}\n`;
}

/** `--port NUMBER` */
export function flagText(option: Option): string {
  return `--${option.name}${option.value === undefined ? '' : ` ${option.value}`}`;
}

function columns(rows: readonly (readonly [string, string])[], atLeast = 0): string[] {
  const width = Math.max(atLeast, ...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
