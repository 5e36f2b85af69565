/** What stands between the values: space, brackets, commas, colons, and all that Python writes otherwise than JSON. */
const TOKEN =
  /\s+|([{}[\](),:])|'((?:[^'\\\n]|\\[^\n])*)'|"((?:[^"\\\n]|\\[^\n])*)"|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(True|true|False|false|None|null)\b/y;
const WORDS: Readonly<Record<string, string>> = { True: 'true', False: 'false', None: 'null' };
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/**
 * A value as Panel's options take it, by Python's `ast.literal_eval`, or as JSON: text, numbers, lists, tuples and
 * dictionaries of them. Nothing is ever evaluated.
 *
 * @returns `undefined` for anything else
 */
export function readLiteral(text: string): unknown {
  let json = '';
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (match === null) return undefined;
    const [, sign, single, double, number, word] = match;
    // Python allows a comma after the last value.
    if (sign !== undefined && '}])'.includes(sign)) json = json.replace(/,$/, '');
    if (sign !== undefined) json += sign === '(' ? '[' : sign === ')' ? ']' : sign;
    const quoted = single ?? double;
    if (quoted !== undefined) json += JSON.stringify(unescaped(quoted));
    json += number ?? (word === undefined ? '' : (WORDS[word] ?? word));
  }
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function unescaped(text: string): string {
  return text.replace(
    /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|(.))/gi,
    (whole, two?: string, four?: string, one?: string) =>
      one === undefined
        ? String.fromCharCode(Number.parseInt(two ?? four ?? '', 16))
        : (ESCAPES[one] ?? whole),
  );
}
