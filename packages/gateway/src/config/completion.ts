import { SHELLS, type Shell } from './command-line.ts';
import { type CommandName, type Option, optionsOf } from './flags.ts';
import { COMMAND_HELP } from './help.ts';

const WORDS: Partial<Record<CommandName, readonly string[]>> = {
  sessions: ['list', 'revoke'],
  completion: SHELLS,
};

/** The completion script of a shell, made from the table of options. */
export function completionScript(shell: Shell): string {
  const commands = Object.keys(COMMAND_HELP) as CommandName[];
  return { bash, zsh, fish }[shell](commands);
}

function bash(commands: readonly CommandName[]): string {
  const words = (command: CommandName): string =>
    [...(WORDS[command] ?? []), ...optionsOf(command).map((each) => `--${each.name}`), '--help'].join(' ');
  const values = uniqueOptions(commands).flatMap((each) => {
    if (each.choices !== undefined)
      return [
        `    --${each.name}) COMPREPLY=($(compgen -W "${each.choices.join(' ')}" -- "$word")); return;;`,
      ];
    return each.path ? [`    --${each.name}) COMPREPLY=($(compgen -f -- "$word")); return;;`] : [];
  });
  return `_portico() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W "${commands.join(' ')}" -- "$word")); return; fi
  case "$before" in
${values.join('\n')}
  esac
  case "\${COMP_WORDS[1]}" in
${commands.map((each) => `    ${each}) COMPREPLY=($(compgen -W "${words(each)}" -- "$word"));;`).join('\n')}
  esac
}
complete -o default -F _portico portico
`;
}

function zsh(commands: readonly CommandName[]): string {
  const spec = (each: Option): string => {
    const action = each.choices !== undefined ? `(${each.choices.join(' ')})` : each.path ? '_files' : ' ';
    const value = each.value === undefined ? '' : `:${each.value}:${action}`;
    return `'${each.multiple ? '*' : ''}--${each.name}[${zshText(each.help)}]${value}'`;
  };
  const cases = commands.map((command) => {
    const words = WORDS[command];
    const first = words === undefined ? [] : [`'1:action:(${words.join(' ')})'`];
    return `    ${command}) _arguments ${[...optionsOf(command).map(spec), ...first].join(' ') || "'*: :'"};;`;
  });
  return `#compdef portico
_portico() {
  if (( CURRENT == 2 )); then
    local -a commands=(${commands.map((each) => `'${each}:${zshText(COMMAND_HELP[each].summary)}'`).join(' ')})
    _describe command commands
    return
  fi
  local chosen=\${words[2]}
  shift words
  (( CURRENT-- ))
  case $chosen in
${cases.join('\n')}
  esac
}
compdef _portico portico
`;
}

function zshText(text: string): string {
  return text.replace(/'/g, "'\\''").replace(/[[\]:]/g, '\\$&');
}

function fish(commands: readonly CommandName[]): string {
  const quote = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
  const lines = ['complete -c portico -f'];
  for (const command of commands) {
    const inside = `complete -c portico -n '__fish_seen_subcommand_from ${command}'`;
    lines.push(
      `complete -c portico -n __fish_use_subcommand -a ${command} -d ${quote(COMMAND_HELP[command].summary)}`,
    );
    const words = WORDS[command];
    if (words !== undefined) lines.push(`${inside} -a ${quote(words.join(' '))}`);
    for (const each of optionsOf(command)) {
      const value = each.value === undefined ? '' : each.path ? ' -r -F' : ' -x';
      const choices = each.choices === undefined ? '' : ` -a ${quote(each.choices.join(' '))}`;
      lines.push(`${inside} -l ${each.name}${value}${choices} -d ${quote(each.help)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function uniqueOptions(commands: readonly CommandName[]): Option[] {
  return [...new Set(commands.flatMap((each) => optionsOf(each)))];
}
