import { randomBytes } from 'node:crypto';
import type { Settings } from '../config/settings.ts';
import type { GatewayError } from '../core/errors.ts';
import type { Upstream } from '../core/types.ts';
import { createProvider } from '../identity/create.ts';
import type { IdentityProvider } from '../identity/provider.ts';
import type { Log } from '../telemetry/log.ts';
import { devClient } from './dev.ts';

/**
 * Configured providers by name, and the development one where it is asked for.
 *
 * @param dev - where that one is, once it has started
 */
export async function makeProviders(
  settings: Settings,
  dev: () => Upstream | undefined,
  log: Log,
): Promise<ReadonlyMap<string, IdentityProvider>> {
  const onProblem = (error: GatewayError): void => log.error({ err: error }, error.message);
  const tools = { clock: Date.now, random: randomBytes, onProblem };
  const providers = await Promise.all(settings.providers.map((provider) => createProvider(provider, tools)));
  if (settings.dev !== undefined) {
    // Its public address may lead through a port forwarding that only the browser has.
    const fetchVia = (url: URL): URL =>
      new URL(url.pathname + url.search, `http://${dev()?.hostname}:${dev()?.port}`);
    providers.push(await createProvider(devClient(settings), { ...tools, fetchVia }));
  }
  return new Map(providers.map((provider) => [provider.name, provider]));
}

/** Redirect URIs from the configuration, each with its provider's name. */
export function callbacksOf(providers: Iterable<IdentityProvider>): ReadonlyMap<string, string> {
  const callbacks = new Map<string, string>();
  for (const provider of providers)
    if (provider.kind === 'redirect' && provider.redirectUri !== undefined)
      callbacks.set(provider.redirectUri, provider.name);
  return callbacks;
}

/** What deserves attention in the providers, one sentence each. */
export function notesOf(providers: Iterable<IdentityProvider>): string[] {
  return [...providers].flatMap((one) => (one.kind === 'form' ? (one.notes ?? []) : []));
}
