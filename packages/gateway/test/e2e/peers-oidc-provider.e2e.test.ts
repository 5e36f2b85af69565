import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePort } from '../../../../test/gateway-process.ts';
import { Browser } from '../login/browser.ts';
import { type Behind, gatewayFor } from './peers/journey.ts';
import { type Algorithm, clientKeyFor, type StrictPeer, startStrictPeer } from './peers/oidc-provider.ts';

describe.each<Algorithm>(['PS256', 'ES256'])(
  'oidc-provider in strict settings, signing with %s',
  (algorithm) => {
    let peer: StrictPeer;
    let behind: Behind;

    beforeAll(async () => {
      const port = await freePort();
      const clientKey = await clientKeyFor();
      const keys = [
        `type: oidc, issuer: "http://127.0.0.1:${port}", client_key: '${JSON.stringify(clientKey)}'`,
        'scope: "openid profile email groups"',
      ].join(', ');
      behind = await gatewayFor('strict', keys);
      peer = await startStrictPeer({ algorithm, port, gateway: behind.gateway.url, clientKey });
    });
    afterAll(async () => {
      await behind?.stop();
      await peer?.close();
    });

    const session = (browser: Browser) => browser.fetch(`${behind.gateway.url}/.auth/session`);
    async function signIn(): Promise<Browser> {
      const browser = new Browser();
      await browser.go(`${behind.gateway.url}/.auth/login?return_to=/.auth/session`);
      return browser;
    }

    test('signs somebody in by a pushed request and a key, and has nothing to object to', async () => {
      const browser = await signIn();
      expect(JSON.parse((await session(browser)).body)).toMatchObject({
        email: 'person@example.com',
        groups: ['finance'],
        provider: 'strict',
      });
      expect(peer.asked).toContain('/request');
      // Nothing of the request goes through the browser but its reference.
      const authorize = browser.visited.find((url) => url.startsWith(`${peer.issuer}/auth?`)) ?? '';
      expect([...new URL(authorize).searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);
      expect(browser.visited.find((url) => url.includes('/callback?'))).toContain('&iss=');
      expect(peer.errors).toEqual([]);
    });

    test('renews with refresh tokens that work once', async () => {
      const browser = await signIn();
      const renewals = () => peer.asked.filter((one) => one === 'grant refresh_token').length;
      await vi.waitFor(
        async () => {
          expect((await browser.fetch(`${behind.gateway.url}/`)).status).toBe(200);
          expect(renewals()).toBeGreaterThanOrEqual(2);
        },
        { timeout: 40_000, interval: 250 },
      );
      expect(peer.errors).toEqual([]);
      expect((await session(browser)).status).toBe(200);
    });

    test('is asked to revoke the tokens when somebody signs out, and ends its session', async () => {
      const browser = await signIn();
      const out = await browser.fetch(`${behind.gateway.url}/.auth/logout`, { method: 'POST', body: '' });
      const next = new URL(out.headers.get('location') ?? '');
      expect(next.origin + next.pathname).toBe(`${peer.issuer}/session/end`);
      expect((await session(browser)).status).toBe(401);
      await vi.waitFor(() => expect(peer.asked).toContain('/token/revocation'));
      const page = await browser.go(next.href);
      const end = await browser.submit(page, { logout: 'yes' });
      expect(end.url).toBe(`${behind.gateway.url}/.auth/signed-out`);
      expect(peer.errors).toEqual([]);
    });
  },
);
