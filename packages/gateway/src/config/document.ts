import { type Document, LineCounter, parseDocument, visit } from 'yaml';
import { isObject } from '../core/object.ts';
import type { Problems } from './problems.ts';
import type { Path } from './shape.ts';

/** Said in words of ours: the parser's own may quote the line, and that line may hold a secret. */
const SYNTAX: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'the same key stands twice',
  BAD_ALIAS: 'text that begins with * needs quotes',
  TAB_AS_INDENT: 'a tab is used to indent; use spaces',
  BAD_INDENT: 'the indentation does not fit',
  MISSING_CHAR: 'a character is missing: a quote, bracket, comma or colon',
  UNEXPECTED_TOKEN: 'something stands where it cannot',
  MULTIPLE_DOCS: 'the file holds several documents',
  BLOCK_AS_IMPLICIT_KEY: 'a key is not indented like its neighbours, or text with a colon needs quotes',
  BAD_SCALAR_START: 'text that begins with @ or ` needs quotes',
  MULTILINE_IMPLICIT_KEY: 'a key goes over several lines, or its colon is missing',
  TAG_RESOLVE_FAILED: 'text that begins with ! needs quotes',
};

/** Reads YAML into plain values; every syntax error with its line and column. */
export function parseYaml(
  text: string,
  file: string,
  problems: Problems,
): Record<string, unknown> | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    schema: 'core',
    version: '1.2',
  });
  const faults = [...document.errors, ...document.warnings, ...aliasFaults(document)];
  for (const fault of faults) {
    const { line, col } = lines.linePos(fault.pos[0]);
    const what = SYNTAX[fault.code] ?? 'it is not valid YAML';
    problems.add(`${file}:${line}:${col}`, what, 'Correct this line; what follows it could not be judged.');
  }
  if (faults.length > 0) return undefined;
  const value = expand(document, file, problems);
  if (value === undefined) return undefined;
  if (value === null) return {};
  if (isObject(value)) return value;
  problems.add(file, 'is not a set of keys', 'Begin with a key, for example apps:');
  return undefined;
}

/** The parser counts how often aliases repeat a value, and gives up before they fill the memory. */
function expand(document: Document, file: string, problems: Problems): unknown {
  try {
    return document.toJS();
  } catch {
    problems.add(file, 'it repeats itself too often through aliases', 'Write the values out.');
    return undefined;
  }
}

/** Aliases to nothing, which usually are unquoted text, and aliases to what they stand in, which never end. */
function aliasFaults(document: Document): { code: string; pos: readonly [number, number] }[] {
  const faults: { code: string; pos: readonly [number, number] }[] = [];
  visit(document, {
    Alias(_key, alias, ancestors) {
      const meant = alias.resolve(document);
      if (meant !== undefined && !ancestors.some((each) => each === meant)) return;
      const start = alias.range?.[0] ?? 0;
      faults.push({ code: 'BAD_ALIAS', pos: [start, start] });
    },
  });
  return faults;
}

/**
 * Puts the environment's values for `${NAME}` into every text, after the YAML is read: a value can never change the
 * structure of the file. `$${` stands for `${`.
 *
 * @param taken - the names that were used are added here
 */
export function interpolate(
  value: unknown,
  env: Readonly<Record<string, string | undefined>>,
  problems: Problems,
  taken: Set<string>,
  path: Path = [],
): unknown {
  if (typeof value === 'string') return replaceNames(value, env, problems, taken, path);
  if (Array.isArray(value))
    return value.map((each, index) => interpolate(each, env, problems, taken, [...path, index]));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      interpolate(each, env, problems, taken, [...path, key]),
    ]),
  );
}

function replaceNames(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
  problems: Problems,
  taken: Set<string>,
  path: Path,
): string {
  return text.replace(/\$(\$\{)|\$\{([^}]*)\}/g, (_whole, escaped: string | undefined, name: string) => {
    if (escaped !== undefined) return escaped;
    const value = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? env[name] : undefined;
    if (value === undefined || value === '') {
      const said = /^\w+$/.test(name) ? `\${${name}}` : 'a variable in it';
      problems.add(
        path,
        `${said} is not set in the environment`,
        'Set the variable, or write $${ for a plain ${.',
      );
      problems.settle(path);
      return '';
    }
    taken.add(name);
    problems.hide(value);
    return value;
  });
}
