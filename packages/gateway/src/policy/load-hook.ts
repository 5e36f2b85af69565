import { pathToFileURL } from 'node:url';
import { GatewayError } from '../core/errors.ts';
import type { AuthorizeHook } from './hook.ts';

/**
 * The function of an `authorize:` file: its default export, or one called `authorize`. Node runs TypeScript as it is,
 * as long as the types can simply be left out.
 *
 * @param file - absolute path
 * @throws GatewayError `authorize_unusable` (500), before anything is served
 */
async function loadHook(file: string): Promise<AuthorizeHook> {
  let found: unknown;
  try {
    const module: Record<string, unknown> = await import(pathToFileURL(file).href);
    found = module['default'] ?? module['authorize'];
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'it throws';
    throw unusable(
      file,
      `cannot be loaded: ${why}`,
      'Correct the file; node FILE shows where it fails.',
      cause,
    );
  }
  if (typeof found === 'function') return found as AuthorizeHook;
  throw unusable(
    file,
    'exports no function',
    'Write: export default function authorize(user, request) { … }',
  );
}

/** The functions by file, each loaded once. @throws GatewayError `authorize_unusable` */
export async function loadHooks(
  apps: readonly { readonly authorize?: string }[],
): Promise<ReadonlyMap<string, AuthorizeHook>> {
  const files = new Set(apps.flatMap((app) => app.authorize ?? []));
  return new Map(await Promise.all([...files].map(async (file) => [file, await loadHook(file)] as const)));
}

function unusable(file: string, what: string, publicHint: string, cause?: unknown): GatewayError {
  return new GatewayError('authorize_unusable', 500, `authorize: ${file} ${what}`, { cause, publicHint });
}
