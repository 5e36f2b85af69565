import { parseArgs } from 'node:util';
import { type CommandName, LATER_OPTIONS, OPTIONS, type Option, optionsOf, variableOf } from './flags.ts';
import { helpFor } from './help.ts';
import { ConfigError, type ConfigProblem } from './problems.ts';
import { nearest } from './suggest.ts';

/** One option's value and where it came from, in the words of whoever gave it: `--port`, `PORTICO_PORT`. */
export interface OptionValue {
  readonly value: string | true | readonly string[];
  readonly from: string;
  /** From one of Panel's variables, which count less than portico.yaml. */
  readonly fallback?: true;
}

/** By option name, flags over environment. */
export type OptionValues = Readonly<Record<string, OptionValue>>;

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** What the command line asks for. */
export type ParsedCommand =
  /** `run` is what stands after `--`; empty when nothing does. */
  | { readonly command: 'serve' | 'check'; readonly options: OptionValues; readonly run: readonly string[] }
  | { readonly command: 'demo'; readonly options: OptionValues; readonly with: readonly string[] }
  | { readonly command: 'secret' | 'hash-password' | 'version' }
  | { readonly command: 'sessions'; readonly action: 'list'; readonly options: OptionValues }
  /** `who` is an e-mail address, a subject or a session's id. */
  | {
      readonly command: 'sessions';
      readonly action: 'revoke';
      readonly who: string;
      readonly options: OptionValues;
    }
  | { readonly command: 'completion'; readonly shell: Shell }
  | { readonly command: 'help'; readonly text: string };

type Environment = Readonly<Record<string, string | undefined>>;

const COMMANDS = [
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

/**
 * Understands the command line.
 *
 * @param argv - without the program's own name
 * @throws ConfigError with everything that is wrong with it
 */
export function parseCommandLine(argv: readonly string[], env: Environment): ParsedCommand {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h') return { command: 'help', text: helpFor() };
  // What `panel oauth-secret` is for.
  if (name === 'oauth-secret') return { command: 'secret' };
  if (name === '--version' || name === '-V') return { command: 'version' };
  const command = COMMANDS.find((each) => each === name);
  if (command === undefined) throw new ConfigError([unknownCommand(name)]);
  if (command === 'help')
    return { command: 'help', text: helpFor(COMMANDS.find((each) => each === rest[0])) };
  const end = rest.indexOf('--');
  const before = end < 0 ? rest : rest.slice(0, end);
  if (before.includes('--help') || before.includes('-h')) return { command: 'help', text: helpFor(command) };

  const problems: ConfigProblem[] = [];
  const { flags, words } = readFlags(command, before, problems);
  const options = { ...readEnvironment(command, env, problems), ...flags };
  const parsed = assemble(command, options, words, end < 0 ? undefined : rest.slice(end + 1), problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return parsed;
}

function assemble(
  command: Exclude<CommandName, 'help'>,
  options: OptionValues,
  words: readonly string[],
  run: readonly string[] | undefined,
  problems: ConfigProblem[],
): ParsedCommand {
  const serving = command === 'serve' || command === 'check';
  const [first, second, ...more] = words;
  const expected = command === 'sessions' ? (first === 'revoke' ? 2 : 1) : command === 'completion' ? 1 : 0;
  const extra = expected === 2 ? more[0] : words[expected];
  // After an unknown option, a stray word is probably its value.
  if (extra !== undefined && problems.length === 0)
    problems.push(
      serving
        ? problem(
            extra,
            'is not an option',
            `Put the app's command after --: portico ${command} -- ${words.join(' ')}`,
          )
        : problem(extra, `is one word too many for portico ${command}`, `See portico ${command} --help.`),
    );
  if (run !== undefined && (!serving || run.length === 0))
    problems.push(
      serving
        ? problem('--', 'has no command after it', `For example portico ${command} -- streamlit run app.py`)
        : problem('--', `means nothing to portico ${command}`, 'Only serve and check take an app’s command.'),
    );
  switch (command) {
    case 'serve':
    case 'check':
      return { command, options, run: run ?? [] };
    case 'demo': {
      const chosen = options['with']?.value;
      return { command, options, with: Array.isArray(chosen) ? chosen : [] };
    }
    case 'sessions':
      if (first === 'revoke' && second !== undefined)
        return { command, action: 'revoke', who: second, options };
      if (first === 'revoke')
        problems.push(
          problem('sessions revoke', 'does not say whose', 'Write portico sessions revoke ada@example.com'),
        );
      else if (first !== undefined && first !== 'list')
        problems.push(
          problem(`sessions ${first}`, 'is not known', 'Write sessions list or sessions revoke USER.'),
        );
      return { command, action: 'list', options };
    case 'completion': {
      const shell = SHELLS.find((each) => each === first);
      if (shell !== undefined) return { command, shell };
      problems.push(
        problem('completion', 'does not name a shell it knows', `Write one of: ${SHELLS.join(', ')}.`),
      );
      return { command, shell: 'bash' };
    }
    default:
      return { command };
  }
}

function readFlags(command: CommandName, args: string[], problems: ConfigProblem[]) {
  const known = optionsOf(command);
  const flags: Record<string, OptionValue> = {};
  const words: string[] = [];
  // Not strict: it would stop at the first mistake and its words are for programmers.
  const { tokens } = parseArgs({
    args,
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: {
      ...Object.fromEntries(known.map((each) => [each.name, parserType(each)])),
      ...Object.fromEntries(
        Object.entries(LATER_OPTIONS).map(([name, value]) => [name, { type: valueType(value) }]),
      ),
    },
  });
  let before: string | undefined;
  for (const token of tokens) {
    if (token.kind === 'positional') {
      // `--oauth-guest-endpoints /a /b`, as argparse takes it.
      const paths =
        before === 'oauth-guest-endpoints' && token.value.startsWith('/') ? flags[before] : undefined;
      if (paths === undefined) words.push(token.value);
      else
        flags['oauth-guest-endpoints'] = {
          ...paths,
          value: [...list(paths.value), ...commaList(token.value)],
        };
    }
    if (token.kind !== 'option') continue;
    before = token.name;
    const option = known.find((each) => each.name === token.name && token.rawName.startsWith('--'));
    const from = token.rawName;
    if (option === undefined) problems.push(unknownOption(command, token.name, from, known));
    else if (option.value === undefined && token.value !== undefined)
      problems.push(problem(from, 'takes no value', `Write ${from} alone.`));
    else if (option.value !== undefined && (token.value === undefined || token.value.startsWith('--')))
      problems.push(problem(from, 'has no value', `Write ${from} ${option.value}.`));
    else if (option.multiple) {
      const given = [...list(flags[option.name]?.value), ...splitList(option, token.value ?? '')];
      flags[option.name] = { value: given, from };
    } else if (flags[option.name] !== undefined)
      problems.push(problem(from, 'is given twice', 'Give it once.'));
    else flags[option.name] = { value: token.value ?? true, from };
  }
  return { flags, words };
}

function readEnvironment(
  command: CommandName,
  env: Environment,
  problems: ConfigProblem[],
): Record<string, OptionValue> {
  const found: Record<string, OptionValue> = {};
  // Set, they would be trusted to do something: `PORTICO_BASIC_AUTH` must not be passed over in silence.
  for (const later of command === 'serve' || command === 'check' ? Object.keys(LATER_OPTIONS) : [])
    if (env[variableOf(later)])
      problems.push(problem(variableOf(later), 'is not in this version yet', 'Unset it.'));
  for (const option of optionsOf(command)) {
    for (const name of option.env) {
      const value = env[name];
      // Kubernetes sets PORTICO_PORT=tcp://… in every pod when a service is called portico; it is not meant for us.
      if (value === undefined || value === '' || (option.name === 'port' && value.startsWith('tcp://')))
        continue;
      found[option.name] = { value: option.multiple ? splitList(option, value, true) : value, from: name };
      break;
    }
    const panel = (option.panel ?? []).find((name) => env[name]);
    if (panel !== undefined && found[option.name] === undefined)
      found[option.name] = { value: env[panel] ?? '', from: panel, fallback: true };
  }
  return found;
}

function splitList(option: Option, text: string, fromEnvironment = false): string[] {
  return option.commas || fromEnvironment ? commaList(text) : [text];
}

function commaList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function list(value: OptionValue['value'] | undefined): readonly string[] {
  return value === undefined || value === true ? [] : typeof value === 'string' ? [value] : value;
}

function valueType(value: boolean): 'string' | 'boolean' {
  return value ? 'string' : 'boolean';
}

function parserType(option: Option) {
  return { type: valueType(option.value !== undefined), multiple: true } as const;
}

function unknownOption(
  command: CommandName,
  name: string,
  raw: string,
  known: readonly Option[],
): ConfigProblem {
  if (Object.hasOwn(LATER_OPTIONS, name))
    return problem(
      raw,
      'is not in this version yet',
      'Leave it out; portico help serve lists what there is.',
    );
  const elsewhere = OPTIONS.find((each) => each.name === name);
  if (elsewhere !== undefined)
    return problem(
      raw,
      `is not an option of portico ${command}`,
      `It belongs to: ${elsewhere.commands.join(', ')}.`,
    );
  const guess = nearest(name, known.map((each) => each.name).concat('help'));
  return problem(
    raw,
    'is not an option',
    guess === undefined ? `portico ${command} --help lists them all.` : `Did you mean --${guess}?`,
  );
}

function unknownCommand(name: string): ConfigProblem {
  const guess = nearest(name, COMMANDS);
  const others = `The commands are ${COMMANDS.join(', ')}.`;
  if (name.startsWith('-'))
    return problem(name, 'stands before the command', `Write portico serve ${name} ….`);
  return problem(
    name,
    'is not a command',
    guess === undefined ? others : `Did you mean portico ${guess}? ${others}`,
  );
}

function problem(path: string, message: string, fix: string): ConfigProblem {
  return { path, message, fix };
}
