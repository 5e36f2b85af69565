import type { ProviderSettings } from '../../../src/config/provider-settings.ts';
import { createProvider } from '../../../src/identity/create.ts';
import type {
  LoginTransaction,
  RedirectProvider,
  ValidatedCallback,
} from '../../../src/identity/provider.ts';

export const NOW = 1_800_000_000_000;

export const TRANSACTION: LoginTransaction = {
  provider: 'any',
  state: 'state-state-state-state',
  nonce: 'nonce-nonce-nonce-nonce',
  codeVerifier: 'verifier-verifier-verifier-verifier-verifier',
  redirectUri: 'https://apps.example.com/.auth/login/any/callback',
  returnTo: '/',
  createdAt: NOW,
};

export async function build(settings: ProviderSettings): Promise<RedirectProvider> {
  const tools = { clock: () => NOW, random: (size: number) => new Uint8Array(size) };
  const provider = await createProvider(settings, tools);
  if (provider.kind !== 'redirect') throw new TypeError('not a provider that redirects');
  return provider;
}

/** Sends somebody to the provider, who says yes at once; the callback as the gateway would have validated it. */
export async function callbackOf(provider: RedirectProvider): Promise<ValidatedCallback> {
  const response = await fetch(await provider.authorizationUrl(TRANSACTION), { redirect: 'manual' });
  return {
    url: new URL(response.headers.get('location') ?? ''),
    transaction: TRANSACTION,
  } as ValidatedCallback;
}
