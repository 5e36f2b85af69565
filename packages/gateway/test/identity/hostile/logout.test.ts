import { describe, expect, test } from 'vitest';
import { ask, NAVIGATION } from '../../gate/client.ts';
import { ORIGIN } from '../../gate/gateway.ts';
import { CLIENT_ID, type Trick } from './provider.ts';
import { type World, world } from './world.ts';

// The plan for back-channel logout (wrong iss, aud, alg none, signature, no event, nonce, no sub and sid, wrong typ) is in
// test/login/back-channel-refused.test.ts, together with what the plan leaves out.

const withEnd = (place: string): Trick => ({
  metadata: (all) =>
    void Object.assign(all, { end_session_endpoint: place.replace('HERE', String(all['issuer'])) }),
});

async function signOut(it: World, cookie: string) {
  const headers = { origin: ORIGIN, 'sec-fetch-site': 'same-origin' };
  const answer = await ask(it.gateway, '/.auth/logout', { method: 'POST', cookie, headers });
  const session = await ask(it.gateway, '/.auth/session', { cookie });
  return { answer, signedIn: session.status === 200 };
}

describe('signing out (the plan for RP-initiated logout)', () => {
  test('takes the browser to the provider with the hint, the client and the way back (rp-init-logout)', async () => {
    const it = await world(withEnd('HERE/end?tenant=1'));
    const { answer, signedIn } = await signOut(it, await it.signedInBefore({ idToken: 'the.id.token' }));
    expect([answer.status, signedIn]).toEqual([303, false]);
    const url = new URL(answer.headers.location ?? '');
    expect(url.origin + url.pathname).toBe(`${it.provider.issuer}/end`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      tenant: '1',
      id_token_hint: 'the.id.token',
      client_id: CLIENT_ID,
      post_logout_redirect_uri: `${ORIGIN}/.auth/signed-out`,
    });
  });

  test('leaves out a hint that makes the URL too long', async () => {
    const it = await world(withEnd('HERE/end'));
    const { answer } = await signOut(it, await it.signedInBefore({ idToken: `a.${'x'.repeat(10_000)}.c` }));
    expect(answer.headers.location?.length).toBeLessThan(500);
    expect(answer.headers.location).toContain('client_id=');
  });

  test.each<readonly [string, Trick]>([
    ['has nowhere to sign out', {}],
    ['fails', { answer: { metadata: () => ({ status: 500 }) } }],
    ['has no end', { answer: { metadata: () => ({ body: { x: 'x'.repeat(5_000_000) } }) } }],
    ['has a plain http address for it', withEnd('http://idp.example.com/end')],
    ['has a script for it', withEnd('javascript:alert(1)')],
    [
      'names another issuer',
      { metadata: (all) => void Object.assign(all, { issuer: 'https://evil.example.com' }) },
    ],
  ])('ends the session here when the provider %s', async (_what, trick) => {
    const it = await world(trick);
    const { answer, signedIn } = await signOut(it, await it.signedInBefore());
    expect(signedIn).toBe(false);
    expect(answer.status).toBe(303);
    expect(new URL(answer.headers.location ?? '', ORIGIN).href).toBe(`${ORIGIN}/.auth/signed-out`);
  });

  test.each([
    '',
    '?state=never-sent',
    '?state=1&state=2',
    '?error=x&error_description=%3Cscript%3Eevil',
    '?sid=x',
  ])(
    'comes back to a page that believes nothing: "%s" (no-state, invalid-state, other-params)',
    async (query) => {
      const it = await world();
      const answer = await ask(it.gateway, `/.auth/signed-out${query}`, { headers: NAVIGATION });
      expect(answer.status).toBe(200);
      expect(answer.text).toContain('signed out');
      expect(answer.text).not.toMatch(/evil|never-sent/);
      expect(answer.headers['set-cookie']).toBeUndefined();
    },
  );
});
