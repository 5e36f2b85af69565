import { createRequire } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PluginProviderSettings } from '../config/provider-settings.ts';
import { GatewayError } from '../core/errors.ts';
import type { Clock, RandomBytes } from '../core/types.ts';
import { guard } from './plugin-guard.ts';
import type { IdentityProvider } from './provider.ts';
import { type FetchVia, type SafeFetch, safeFetch } from './safe-fetch.ts';

/** What a plug-in gets from the gateway. */
export interface PluginTools {
  /** The key in the configuration, and the title for people; the provider has them in any case. */
  readonly name: string;
  readonly title: string;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** https only (http on loopback), no redirects, at most ten seconds and 2 MiB an answer. */
  readonly fetch: SafeFetch;
  /**
   * An error to throw. `message` is for the log, `publicMessage` and `publicHint` for the person. The gateway knows
   * `wrong_password` (401), `too_many_attempts` (429), `refresh_refused` (401: ends the session), `provider_unreachable` (502)
   * and `sign_in_refused` (400 or 403). Everything else that is thrown is shown as a sign-in that failed.
   */
  readonly error: (
    code: string,
    status: number,
    message: string,
    options?: { cause?: unknown; publicMessage?: string; publicHint?: string },
  ) => Error;
}

/** A plug-in's default export: this function, or the provider itself. */
export type ProviderPlugin = (
  options: Readonly<Record<string, unknown>>,
  tools: PluginTools,
) => IdentityProvider | Promise<IdentityProvider>;

/** The members that a provider of each kind needs, and what `typeof` says of them. */
const MEMBERS = {
  redirect: {
    authorizationUrl: 'function',
    redeem: 'function',
    refresh: 'function',
    revoke: 'function',
    endSessionUrl: 'function',
  },
  form: { asksUsername: 'boolean', authenticate: 'function' },
} as const;
/** Those that may be left out. */
const MAY_HAVE: Readonly<Record<keyof typeof MEMBERS, Readonly<Record<string, 'function'>>>> = {
  redirect: { tokenFor: 'function' },
  form: {},
};

/**
 * The provider that a module outside brings, checked, and with a guard around it: what it throws later becomes a page
 * that says that sign-in failed, and what it claims about people is held to the same rules as any provider's claims.
 *
 * @throws GatewayError `provider_plugin_invalid` (500) that names everything that is missing.
 */
export async function loadPlugin(
  settings: PluginProviderSettings,
  given: { readonly clock: Clock; readonly random: RandomBytes; readonly fetchVia?: FetchVia },
): Promise<IdentityProvider> {
  const { name, title, place, options } = settings;
  const invalid = (what: string, hint: string, cause?: unknown): GatewayError =>
    new GatewayError('provider_plugin_invalid', 500, `providers.${name}.type: ${place} ${what}`, {
      cause,
      publicHint: hint,
    });
  let exported: unknown;
  try {
    exported = ((await import(locate(settings))) as { default?: unknown }).default;
  } catch (cause) {
    throw invalid(
      `cannot be loaded: ${messageOf(cause)}`,
      'A file is looked for beside portico.yaml (write ./ in front); a package has to be installed there.',
      cause,
    );
  }
  let made = exported;
  if (typeof exported === 'function') {
    const { clock, random, fetchVia } = given;
    const tools: PluginTools = { name, title, clock, random, fetch: safeFetch(fetchVia), error };
    try {
      made = await (exported as ProviderPlugin)(options, tools);
    } catch (cause) {
      throw invalid(
        `does not accept its options: ${messageOf(cause)}`,
        `Correct providers.${name}.options.`,
        cause,
      );
    }
  }
  const missing = whatIsMissing(made);
  if (missing.length > 0) {
    throw invalid(
      `is not an identity provider: ${missing.join('; ')}`,
      'docs/providers/plugins.md shows what a plug-in exports.',
    );
  }
  return guard(made as IdentityProvider, { name, title });
}

/** A file by its path; a package as Node finds it from the folder of the configuration, else from the gateway's own. */
function locate({ module, base }: PluginProviderSettings): string {
  if (isAbsolute(module)) return pathToFileURL(module).href;
  try {
    return pathToFileURL(createRequire(join(base, 'portico.yaml')).resolve(module)).href;
  } catch {
    return module;
  }
}

function whatIsMissing(made: unknown): string[] {
  if (typeof made !== 'object' || made === null)
    return ['the default export is neither a provider nor a function that makes one'];
  const members = made as Record<string, unknown>;
  const kind = members['kind'];
  if (kind !== 'redirect' && kind !== 'form') return ['kind should be "redirect" or "form"'];
  const given = Object.entries(MAY_HAVE[kind]).filter(([member]) => members[member] !== undefined);
  return [...Object.entries(MEMBERS[kind]), ...given].flatMap(([member, type]) =>
    typeof members[member] === type ? [] : [`${member} should be a ${type}`],
  );
}

const error: PluginTools['error'] = (code, status, message, options) =>
  new GatewayError(code, status, message, options);

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
