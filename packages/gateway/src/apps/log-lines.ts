import { StringDecoder } from 'node:string_decoder';

/** Longer lines are cut into pieces, so that an app which never ends a line cannot fill our memory. */
const LONGEST = 16 * 1024;
const COLOURS = [36, 35, 33, 32, 34, 96, 95, 93];

/** Cuts a byte stream into lines, whatever its chunks are; `end` gives what is left without a line break. */
export class LineCutter {
  readonly #decoder = new StringDecoder('utf8');
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Uint8Array): void {
    const pieces = (this.#rest + this.#decoder.write(Buffer.from(chunk))).split(/\r\n|\n|\r(?=.)/);
    this.#rest = pieces.pop() ?? '';
    for (const line of pieces) this.#onLine(line);
    while (this.#rest.length > LONGEST) {
      this.#onLine(this.#rest.slice(0, LONGEST));
      this.#rest = this.#rest.slice(LONGEST);
    }
  }

  end(): void {
    const last = (this.#rest + this.#decoder.end()).replace(/\r$/, '');
    this.#rest = '';
    if (last !== '') this.#onLine(last);
  }
}

/** `sales │ ` in front of each line of the app; the colour follows from the name, so it is the same after a restart. */
export function linePrefix(name: string, colour: boolean): string {
  if (!colour) return `${name} │ `;
  let sum = 0;
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return `\u001b[${COLOURS[sum % COLOURS.length]}m${name} │\u001b[0m `;
}

/** The last lines of an app, for the crash page of an administrator and for error messages. */
export class RecentLines {
  readonly #lines: string[] = [];
  readonly #keep: number;

  constructor(keep = 200) {
    this.#keep = keep;
  }

  add(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > this.#keep) this.#lines.shift();
  }

  get lines(): readonly string[] {
    return [...this.#lines];
  }
}
