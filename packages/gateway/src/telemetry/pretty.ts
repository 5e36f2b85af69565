import { styleText } from 'node:util';

/** Where lines go; the part of a stream that is used. */
interface LineSink {
  write(line: string): unknown;
}

const LEVELS = {
  debug: ['debug', 'gray'],
  info: ['info ', 'cyan'],
  warn: ['warn ', 'yellow'],
  error: ['error', 'red'],
  fatal: ['fatal', 'red'],
} as const;
const SHOWN_ELSEWHERE = new Set(['time', 'level', 'msg', 'err', 'audit', 'app', 'event']);

interface Line {
  readonly time?: string;
  readonly level?: keyof typeof LEVELS;
  readonly msg?: string;
  readonly app?: string;
  readonly err?: unknown;
  readonly [field: string]: unknown;
}

/** Turns JSON lines into short ones for a terminal: `12:04:05 info  [sales] ready  port 41233`. */
export function prettyStream(sink: LineSink, colour: boolean): LineSink {
  return { write: (json) => sink.write(prettyLine(JSON.parse(json), colour)) };
}

function prettyLine(line: Line, colour: boolean): string {
  const paint = (style: Parameters<typeof styleText>[0], words: string) =>
    colour ? styleText(style, words, { validateStream: false }) : words;
  const [word, style] = LEVELS[line.level ?? 'info'];
  const details = Object.entries(line)
    .filter(([name]) => !SHOWN_ELSEWHERE.has(name))
    .map(
      ([name, value]) => `${name} ${printable(typeof value === 'string' ? value : JSON.stringify(value))}`,
    );
  const parts = [
    paint('gray', clock(line.time)),
    paint(style, word),
    line.app !== undefined && paint('magenta', `[${printable(line.app)}]`),
    line.msg !== undefined && printable(line.msg),
    details.length > 0 && ` ${paint('gray', details.join('  '))}`,
  ];
  return `${parts.filter((part) => part !== false).join(' ')}\n${trouble(line.err)}`;
}

/** An error and its causes, a line each and its stack below. */
function trouble(error: unknown, prefix = '  '): string {
  if (error === undefined || error === null) return '';
  if (typeof error !== 'object') return `${prefix}${printable(String(error))}\n`;
  const { type, code, message, stack, cause } = error as Record<string, unknown>;
  const head = [type, code, message]
    .filter((part) => part !== undefined && part !== 'GatewayError')
    .join(': ');
  const calls = Array.isArray(stack) ? stack.map((call) => `      ${printable(String(call))}\n`) : [];
  return `${prefix}${printable(head)}\n${calls.join('')}${trouble(cause, '    because ')}`;
}

/** Control characters would let logged text move the cursor or forge lines. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) =>
    character === '\n' ? '⏎' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function clock(time: string | undefined): string {
  const date = new Date(time ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? '--:--:--' : date.toTimeString().slice(0, 8);
}
