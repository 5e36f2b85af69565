import { parseArgs } from 'node:util';
import { type CommandName, LATER_OPTIONS, OPTIONS, type Option, optionsOf, variableOf } from './flags.ts';
import { type ConfigProblem, problem } from './problems.ts';
import { nearest } from './suggest.ts';

/** One option's value and where it came from, in the words of whoever gave it: `--port`, `PORTICO_PORT`. */
interface OptionValue {
  readonly value: string | true | readonly string[];
  readonly from: string;
  /** From one of Panel's variables, which count less than portico.yaml. */
  readonly fallback?: true;
}

/** By option name, flags over environment. */
export type OptionValues = Readonly<Record<string, OptionValue>>;

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The flags of a command, and the words between them.
 *
 * @param args - what stands before `--`
 * @param problems - what is wrong is added here
 */
export function readFlags(command: CommandName, args: string[], problems: ConfigProblem[]) {
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

/** What the environment gives for the options of a command. */
export function readEnvironment(
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
