import { describe, expect, test } from 'vitest';
import type { Delegation } from '../../src/delegation/delegation.ts';
import { answerToken } from '../../src/delegation/token-endpoint.ts';
import { ORDERS, tokenWorld } from './token-world.ts';
import { JWT } from './world.ts';

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

describe('a session that ends while its token is made', () => {
  test.each([
    ['a fresh assertion', {}],
    ['an access token', { audience: 'orders' }],
  ])('gets the app no %s', async (_what, more) => {
    const world = tokenWorld();
    const live = await world.signIn();
    const end = async (): Promise<string> => {
      await world.sessions.end(live, 'sign-out');
      return 'a-token';
    };
    const delegation: Delegation = {
      authenticateApp: () => ({ name: 'sales' }) as ReturnType<Delegation['authenticateApp']>,
      subjectOf: async () => live,
      apiOf: () => ORDERS,
      tokens: { get: async () => ({ accessToken: await end() }), drop: async () => undefined },
    };
    const form = new URLSearchParams({
      grant_type: EXCHANGE,
      subject_token: 'x',
      subject_token_type: JWT,
      ...more,
    });
    const parts = { delegation, mint: end, clock: world.clock.read };
    const { reply } = await answerToken(parts, { method: 'POST', authorization: 'x' }, async () => form);
    expect(reply.status).toBe(400);
    expect(String(reply.body)).toContain('"invalid_grant"');
    expect(String(reply.body)).not.toContain('a-token');
  });
});
