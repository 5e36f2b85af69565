import { decodeJwt } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stopApps } from '../gate/apps.ts';
import { ask } from '../gate/client.ts';
import { stopAll } from '../gate/gateway.ts';
import { told } from '../identity/api-tokens/resource-provider.ts';
import { ACCESS_TOKEN, CREDENTIALS, exchange, type Guest, JWT, startWorld, type World } from './world.ts';

let world: World;
let ann: Guest;
beforeEach(async () => {
  world = await startWorld();
  ann = await world.signIn();
});
afterEach(async () => {
  await stopAll();
  await stopApps();
});

const HOUR = 3_600_000;

describe('an app changes the assertion of a person', () => {
  test('though it ended long ago, for a fresh one', async () => {
    const old = await world.mint('sales', ann, { age: 9 * HOUR });
    const answer = await exchange(world.gateway, { subject_token: old, requested_token_type: JWT });
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
    const { access_token: fresh, ...rest } = JSON.parse(answer.text);
    expect(rest).toEqual({ issued_token_type: JWT, token_type: 'N_A', expires_in: 300 });
    const { iat, exp, ...claims } = decodeJwt(fresh);
    const { iat: oldIat, exp: _, ...before } = decodeJwt(old);
    expect(claims).toEqual(before);
    expect(iat).toBeGreaterThan((oldIat ?? 0) + 8 * 3600);
    expect((exp ?? 0) - (iat ?? 0)).toBe(300);
  });

  test('for what the person is called and may do now', async () => {
    const old = await world.assertion('sales', ann);
    await world.change(ann, { roles: ['analyst', 'lead'], name: 'Ann Other' });
    await expect
      .poll(async () =>
        decodeJwt(JSON.parse((await exchange(world.gateway, { subject_token: old })).text).access_token),
      )
      .toMatchObject({ roles: ['analyst', 'lead'], name: 'Ann Other' });
  });

  test('for an access token of a declared API, with all its scopes', async () => {
    const assertion = await world.assertion('sales', ann);
    const answer = await exchange(world.gateway, { subject_token: assertion, audience: 'orders' });
    const { access_token: token, expires_in: seconds, ...rest } = JSON.parse(answer.text);
    expect(rest).toEqual({
      issued_token_type: ACCESS_TOKEN,
      token_type: 'Bearer',
      scope: 'orders:read orders:write',
    });
    expect(told(token)).toEqual({
      aud: 'https://sales.example.com',
      scope: 'orders:read orders:write',
      sub: ann.live.session.identity.subject,
    });
    expect(seconds).toBeGreaterThan(30);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  test('or with fewer, and one for fewer is never given for more', async () => {
    const subject_token = await world.assertion('sales', ann);
    const scopeOf = async (scope?: string) =>
      told(
        JSON.parse((await exchange(world.gateway, { subject_token, audience: 'orders', scope })).text)
          .access_token,
      ).scope;
    expect(await scopeOf('orders:read')).toBe('orders:read');
    expect(await scopeOf()).toBe('orders:read orders:write');
    expect(await scopeOf('orders:read')).toBe('orders:read');
  });

  test('under any host name, also one that no browser knows', async () => {
    const subject_token = await world.assertion('sales', ann);
    const answer = await exchange(world.gateway, { subject_token }, { host: 'portico.internal:8080' });
    expect(answer.status).toBe(200);
  });

  test.each([
    ['plain', (secret: string) => secret],
    ['form-encoded, as RFC 6749 wants it', encodeURIComponent],
  ])('with a credential of any characters, %s', async (_how, write) => {
    const subject_token = await world.assertion('people', ann);
    const authorization = `Basic ${Buffer.from(`people:${write(CREDENTIALS.people)}`).toString('base64')}`;
    expect((await exchange(world.gateway, { subject_token }, { authorization })).status).toBe(200);
  });

  test('after a restart, with no cookie seen since and no new request to the provider', async () => {
    const subject_token = await world.assertion('sales', ann);
    const token = async () =>
      JSON.parse((await exchange(world.gateway, { subject_token, audience: 'orders' })).text).access_token;
    const before = await token();
    const asked = world.provider.asked.length;
    await world.restart();
    expect(await token()).toBe(before);
    expect(world.provider.asked).toHaveLength(asked);
    expect((await ask(world.gateway, '/sales/', { cookie: ann.cookie })).status).toBe(200);
  });
});
