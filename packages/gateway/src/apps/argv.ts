/** A command line whose flags are looked up and changed; never mutated. */
export type Argv = readonly string[];

/** Everything after these belongs to the app's own script, not to the framework. */
const SCRIPT_ARGUMENTS = new Set(['--', '--args']);

function end(argv: Argv): number {
  const index = argv.findIndex((word) => SCRIPT_ARGUMENTS.has(word));
  return index < 0 ? argv.length : index;
}

/** Index of a flag, given as `--flag value` or `--flag=value`, or -1. */
export function flagIndex(argv: Argv, flag: string): number {
  const limit = end(argv);
  return argv.findIndex((word, index) => index < limit && (word === flag || word.startsWith(`${flag}=`)));
}

export function hasFlag(argv: Argv, ...flags: string[]): boolean {
  return flags.some((flag) => flagIndex(argv, flag) >= 0);
}

/** Takes every occurrence of a flag with one value away and says which values it had. */
export function takeFlag(argv: Argv, flag: string): { argv: Argv; values: string[] } {
  const values: string[] = [];
  let rest = [...argv];
  for (let index = flagIndex(rest, flag); index >= 0; index = flagIndex(rest, flag)) {
    const word = rest[index] ?? '';
    const inline = word !== flag;
    values.push(inline ? word.slice(flag.length + 1) : (rest[index + 1] ?? ''));
    rest = [...rest.slice(0, index), ...rest.slice(index + (inline ? 1 : 2))];
  }
  return { argv: rest, values };
}

/** Takes every occurrence of a flag without a value away. */
export function takeSwitch(argv: Argv, flag: string): { argv: Argv; found: boolean } {
  const limit = end(argv);
  const rest = argv.filter((word, index) => index >= limit || word !== flag);
  return { argv: rest, found: rest.length < argv.length };
}

/**
 * Replaces what was given for a flag by our own value where a different one would open the app to the network or put it
 * where the gateway does not look; each change is said in a note.
 */
export function override(
  argv: Argv,
  flags: Readonly<Record<string, string>>,
): { argv: Argv; notes: string[] } {
  const notes: string[] = [];
  let rest = argv;
  for (const [flag, ours] of Object.entries(flags)) {
    const taken = takeFlag(rest, flag);
    rest = taken.argv;
    for (const given of taken.values) {
      if (given !== ours) notes.push(`${flag} ${given} is replaced: Portico sets ${ours || 'it itself'}`);
    }
  }
  return { argv: rest, notes };
}

/** Inserts words right after the first of `subcommands`, or after the last word when there is none. */
export function insertAfter(argv: Argv, subcommands: readonly string[], words: readonly string[]): Argv {
  const limit = end(argv);
  const found = argv.findIndex((word, index) => index < limit && index > 0 && subcommands.includes(word));
  const position = found < 0 ? limit : found + 1;
  return [...argv.slice(0, position), ...words, ...argv.slice(position)];
}
