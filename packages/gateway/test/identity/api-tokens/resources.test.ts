import { describe, expect, it } from 'vitest';
import type { TokenRequest } from '../../../src/identity/provider.ts';
import { LIFETIME, NOW, startResourceProvider, told } from './resource-provider.ts';

const SALES = 'https://sales.example.com';
const HR = 'https://hr.example.com/v2';
const refresh = (resource: string | undefined, ...scopes: string[]): TokenRequest => ({
  grant: 'refresh',
  scopes,
  ...(resource === undefined ? {} : { resource }),
});

describe('an access token for another API, at a provider with resource indicators', () => {
  it('is for that API and those scopes alone', async () => {
    const provider = await startResourceProvider();
    const { client, session } = await provider.signIn();
    const { token } = await client.tokenFor(session, refresh(SALES, 'orders:read'));
    expect(told(token.accessToken)).toEqual({ aud: SALES, scope: 'orders:read', sub: 'user-1' });
    expect(token.scope).toBe('orders:read');
    expect(token.expiresAt).toBe(NOW + LIFETIME * 1000);
  });

  it('takes along the refresh token that follows, so that the next one can be had', async () => {
    const { signIn } = await startResourceProvider();
    const { client, session } = await signIn();
    const first = await client.tokenFor(session, refresh(SALES, 'orders:read'));
    expect(first.tokens).toEqual({ ...session.tokens, refreshToken: expect.any(String) });
    expect(first.tokens?.refreshToken).not.toBe(session.tokens.refreshToken);
    const next = await client.tokenFor({ tokens: first.tokens ?? {} }, refresh(HR, 'people:read'));
    expect(told(next.token.accessToken)).toMatchObject({ aud: HR, scope: 'people:read' });
    // And the sign-in itself goes on being renewed with what came last.
    const renewed = await client.refresh({ ...session, tokens: next.tokens ?? {} });
    expect(renewed.identity).toEqual(session.identity);
  });

  it.each([
    ['a resource that the sign-in did not ask for', [SALES], refresh(HR, 'people:read')],
    ['a scope that the sign-in did not ask for', [SALES], refresh(SALES, 'people:erase')],
    ['a resource that nobody knows', [SALES], refresh('https://other.example.com')],
  ])('is refused, which is no reason to sign anybody out, for %s', async (_what, resources, wanted) => {
    const { signIn } = await startResourceProvider();
    const { client, session } = await signIn({ resources });
    const error: unknown = await client.tokenFor(session, wanted).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'token_refused',
      status: 403,
      publicMessage: 'The sign-in service gives no token for this API.',
    });
    expect((error as Error).message).toMatch(/error=invalid_(?:target|scope)/);
  });

  it('is over with the grant: a refresh token that was used before ends the session', async () => {
    const { signIn } = await startResourceProvider();
    const { client, session } = await signIn();
    await client.tokenFor(session, refresh(SALES, 'orders:read'));
    await expect(client.tokenFor(session, refresh(SALES, 'orders:read'))).rejects.toMatchObject({
      code: 'refresh_refused',
      status: 401,
    });
  });

  it('is one request each time, and none without a refresh token', async () => {
    const provider = await startResourceProvider();
    const { client, session } = await provider.signIn();
    provider.asked.length = 0;
    await client.tokenFor(session, refresh(SALES, 'orders:read', 'orders:write'));
    expect(
      provider.asked.map((form) => [form.get('grant_type'), form.get('scope'), form.getAll('resource')]),
    ).toEqual([['refresh_token', 'orders:read orders:write', [SALES]]]);
    const { refreshToken: _, ...tokens } = session.tokens;
    await expect(client.tokenFor({ tokens }, refresh(SALES))).rejects.toMatchObject({
      code: 'token_refused',
    });
    expect(provider.asked).toHaveLength(1);
  });
});
