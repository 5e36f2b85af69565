import { type Context, readFileAt } from './context.ts';
import { weaknessOf } from './secret.ts';
import type { AppSettings } from './settings.ts';
import type { Path } from './shape.ts';

const FIX = 'Print a good one with: portico secret';

/** What an app that runs elsewhere proves itself with, from the key or the file that holds it. */
export function readCredential(
  context: Context,
  path: Path,
  value: Readonly<Record<string, unknown>>,
): string | undefined {
  const { problems } = context;
  const { credential: given, credential_file: file } = value;
  if (typeof given === 'string') problems.hide(given);
  if (given === undefined && file === undefined) return undefined;
  const key = given === undefined ? 'credential_file' : 'credential';
  if (given !== undefined && file !== undefined)
    problems.add(path, 'has both credential and credential_file', 'Keep one of them.');
  if (value['run'] !== undefined)
    problems.add(
      [...path, key],
      'is for an app that runs elsewhere; one that is started here gets its own',
      `Remove ${key}.`,
    );
  const text =
    typeof given === 'string'
      ? given
      : typeof file === 'string' && file !== ''
        ? readFileAt(context, [...path, 'credential_file'], file)?.trim()
        : undefined;
  if (text === undefined) return undefined;
  problems.hide(text);
  const weakness = weaknessOf(text);
  if (weakness !== undefined) problems.add([...path, key], weakness, FIX);
  return text;
}

/** A credential names one app: shared ones would let each app be the other, and the gateway's secret opens everything. */
export function checkCredentials(
  { problems }: Pick<Context, 'problems'>,
  apps: readonly AppSettings[],
  secrets: readonly string[],
): void {
  const taken = new Map<string, string>(secrets.map((secret) => [secret, 'the gateway']));
  for (const { name, credential } of apps) {
    if (credential === undefined) continue;
    const other = taken.get(credential);
    if (other !== undefined)
      problems.add(['apps', name], `has the credential of ${other}`, `Give it one of its own. ${FIX}`);
    taken.set(credential, name);
  }
}
