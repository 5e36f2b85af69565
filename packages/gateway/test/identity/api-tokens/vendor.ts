import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { createProvider } from '../../../src/identity/create.ts';
import type { DelegatedToken, RedirectProvider, TokenRequest } from '../../../src/identity/provider.ts';
import { load } from '../../config/loading.ts';
import { CLIENT_ID, CLIENT_SECRET } from '../oauth/grants.ts';
import { type Answer, Internet, type Site } from '../oauth/internet.ts';

export const SESSION = {
  identity: { issuer: 'https://id.example.com', subject: 'u-1', provider: 'idp', roles: [], groups: [] },
  tokens: {
    accessToken: 'access-of-the-sign-in',
    refreshToken: 'refresh-of-the-sign-in',
    scope: 'openid profile',
    accessTokenExpiresAt: 1_700_000_000_000,
  },
};

/** By the gateway's clock. */
export const NOW = 1_700_000_000_000;

export interface Vendor {
  /** What the token endpoint was asked, without the client's own credentials. */
  readonly asked: Record<string, string>[];
  readonly provider: RedirectProvider;
  readonly internet: Internet;
  /** What it answers, as the vendor documents it. */
  answer: (form: URLSearchParams) => Answer;
  token(wanted: Omit<TokenRequest, 'scopes'> & { scopes?: readonly string[] }): Promise<DelegatedToken>;
}

/**
 * A provider as somebody would configure it, its metadata as the vendor's stand-in has it, and its token endpoint in the
 * hands of the test.
 *
 * @param tokenPath - of the token endpoint
 * @param more - lines of portico.yaml
 */
export async function vendor(
  keys: string,
  hosts: Readonly<Record<string, Site>>,
  tokenPath: string,
  more = '',
): Promise<Vendor> {
  const { settings } = await load({
    yaml: `
public_url: https://apps.example.com
secret: Zk3vJq8sWm1xTn5bYc7rLd2fHg9pQa4e
providers: { idp: { client_id: ${CLIENT_ID}, client_secret: ${CLIENT_SECRET}, ${keys} } }
apps: { sales: { at: /, upstream: "http://127.0.0.1:1" } }
${more}`,
  });
  const internet = new Internet();
  for (const [host, site] of Object.entries(hosts)) internet.host(`https://${host}`, site);
  await internet.open();
  onTestFinished(() => internet.close());
  const [own] = settings.providers;
  if (own === undefined) throw new Error('no provider');
  const provider = (await createProvider(own, { clock: () => NOW, random: randomBytes })) as RedirectProvider;
  const it: Vendor = {
    provider,
    internet,
    asked: [],
    answer: () => ({
      body: { access_token: 'access-for-the-api', token_type: 'Bearer', expires_in: 600 },
    }),
    async token({ scopes = [], ...wanted }) {
      if (provider.tokenFor === undefined) throw new Error('no tokenFor');
      return provider.tokenFor(SESSION, { ...wanted, scopes });
    },
  };
  internet.instead.set(tokenPath, () => {
    const form = new URLSearchParams(internet.asked.at(-1)?.body);
    for (const own of ['client_id', 'client_secret']) form.delete(own);
    it.asked.push(Object.fromEntries(form));
    return it.answer(form);
  });
  return it;
}

export function refuses(error: string, description: string, status = 400): () => Answer {
  return () => ({ status, body: { error, error_description: description } });
}
