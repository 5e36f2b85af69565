import { helpFor } from './help.ts';
import { COMMANDS, type CommandName } from './option.ts';
import { type Environment, type OptionValues, readEnvironment, readFlags } from './option-values.ts';
import { ConfigError, type ConfigProblem, problem } from './problems.ts';
import { nearest } from './suggest.ts';

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
