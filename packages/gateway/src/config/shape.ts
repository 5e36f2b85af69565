import type { z } from 'zod';
import { isObject } from '../core/object.ts';
import type { Problems } from './problems.ts';
import { nearest } from './suggest.ts';

/** What of an object could be read: every sound key, none of the others. */
export type Read<S extends z.ZodRawShape> = { -readonly [K in keyof S]?: z.output<S[K]> };

export type Path = readonly (string | number)[];

/**
 * Reads an object key by key, so that one wrong key hides no other problem, not even those that only show when sound
 * keys are compared.
 */
export function readShape<S extends z.ZodRawShape>(
  schema: z.ZodObject<S>,
  value: unknown,
  path: Path,
  problems: Problems,
  skip: readonly string[] = [],
): Read<S> {
  const read: Read<S> = {};
  if (!isObject(value)) {
    problems.add(
      path,
      `should be a set of keys, is ${kindOf(value)}`,
      `Use: ${Object.keys(schema.shape).join(', ')}.`,
    );
    return read;
  }
  for (const key of Object.keys(value)) {
    if (Object.hasOwn(schema.shape, key)) continue;
    const guess = nearest(key, Object.keys(schema.shape));
    const all = `The keys here are ${Object.keys(schema.shape).join(', ')}.`;
    problems.add([...path, key], 'is not a known key', guess === undefined ? all : `Did you mean ${guess}?`);
  }
  for (const [key, field] of Object.entries(schema.shape) as [keyof S & string, z.ZodType][]) {
    if (skip.includes(key)) continue;
    const given = Object.hasOwn(value, key) ? value[key] : undefined;
    const result = field.safeParse(given);
    if (result.success) {
      if (result.data !== undefined) Object.assign(read, { [key]: result.data });
    } else report(field, given, result.error.issues, [...path, key], problems);
  }
  return read;
}

function report(
  field: z.ZodType,
  value: unknown,
  issues: readonly z.core.$ZodIssue[],
  path: Path,
  problems: Problems,
) {
  for (const issue of issues) {
    const at = [...path, ...issue.path] as Path;
    const found = issue.path.reduce<unknown>(
      (inside, part) => (inside as Record<PropertyKey, unknown>)?.[part],
      value,
    );
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) problems.add([...at, key], 'is not a known key', hint(field));
      continue;
    }
    // Of several forms, the one that came nearest explains the problem.
    const nested = issue.code === 'invalid_union' ? nearestForm(issue.errors, found) : undefined;
    if (nested !== undefined)
      report(
        field,
        value,
        nested.map((each) => ({ ...each, path: [...issue.path, ...each.path] })),
        path,
        problems,
      );
    else problems.add(at, sentence(issue, found), fixOf(issue, found, field));
  }
}

function nearestForm(forms: readonly (readonly z.core.$ZodIssue[])[], found: unknown) {
  const fitting = forms.filter((issues) =>
    issues.some((each) => each.code !== 'invalid_type' || each.path.length > 0),
  );
  return fitting.find((issues) => issues[0]?.code === 'custom' || Array.isArray(found) || isObject(found));
}

function sentence(issue: z.core.$ZodIssue, found: unknown): string {
  if (issue.code === 'custom') return issue.message;
  if (found === undefined) return 'is missing';
  switch (issue.code) {
    case 'invalid_type':
      return `should be ${article(issue.expected)}, is ${kindOf(found)}`;
    case 'invalid_value':
      return `should be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.join(', ')}`;
    case 'too_small':
      return found === '' || (Array.isArray(found) && found.length === 0)
        ? 'is empty'
        : `is below ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string'
        ? `is longer than ${issue.maximum} characters`
        : `is above ${issue.maximum}`;
    case 'invalid_format':
      return issue.format === 'email'
        ? 'is not an e-mail address'
        : 'has characters that are not allowed here';
    case 'invalid_key':
      return 'is not an allowed name';
    default:
      return /^Invalid/.test(issue.message) ? 'has the wrong form' : issue.message;
  }
}

function fixOf(issue: z.core.$ZodIssue, found: unknown, field: z.ZodType): string {
  const fix: unknown = issue.code === 'custom' ? issue.params?.['fix'] : undefined;
  if (typeof fix === 'string') return fix;
  // `[role: analyst]` is a YAML map; people mean `[role:analyst]`.
  if (issue.code === 'invalid_type' && issue.expected === 'string' && isObject(found)) {
    const [[key, value] = []] = Object.entries(found);
    return `A space after the colon makes a map; write ${key}:${typeof value === 'string' ? value : '…'} without it.`;
  }
  if (issue.code === 'invalid_value' && typeof found === 'string') {
    const guess = nearest(found, issue.values.map(String));
    if (guess !== undefined) return `Did you mean ${guess}?`;
  }
  if (issue.code === 'invalid_type' && issue.expected === 'string' && typeof found === 'number')
    return 'Put it in quotes.';
  return hint(field);
}

/** The key's own description and example. */
function hint(field: z.ZodType): string {
  const { description, examples } = describedAs(field);
  const shown = examples?.[0] === undefined ? '' : ` For example: ${JSON.stringify(examples[0])}`;
  return `${description ?? 'Correct it or leave it out.'}${shown}`;
}

interface Described {
  readonly description?: string;
  readonly examples?: readonly unknown[];
}

/** What `describe` and `meta` say of a field, or of the field that is only made optional here. */
function describedAs(field: z.ZodType): Described {
  const own = field.meta() as Described | undefined;
  if (own !== undefined || !('unwrap' in field) || typeof field.unwrap !== 'function') return own ?? {};
  return describedAs(field.unwrap() as z.ZodType);
}

function article(expected: string): string {
  if (expected === 'string') return 'text';
  if (expected === 'array') return 'a list';
  return expected === 'object' || expected === 'record' ? 'a set of keys' : `a ${expected}`;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'text';
  return typeof value === 'object' ? 'a set of keys' : `a ${typeof value}`;
}
