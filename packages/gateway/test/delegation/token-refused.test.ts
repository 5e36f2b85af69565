import { decodeJwt, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ASSERTION_LIMIT } from '../../src/assertion/mint.ts';
import { MemoryStore } from '../../src/session/stores/memory.ts';
import { stopApps } from '../gate/apps.ts';
import { ask } from '../gate/client.ts';
import { ORIGIN, stopAll } from '../gate/gateway.ts';
import {
  ACCESS_TOKEN,
  basic,
  CREDENTIALS,
  exchange,
  type Guest,
  JWT,
  startWorld,
  type World,
} from './world.ts';

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

/** A refusal in full: status, code, and headers that go with it. */
async function refuses(answer: Awaited<ReturnType<typeof exchange>>, status: number, error: string) {
  expect([answer.status, JSON.parse(answer.text).error]).toEqual([status, error]);
  expect(JSON.parse(answer.text).error_description).toMatch(/^[A-Z].+[.:]?$/i);
  expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'portico-error': error });
  expect(answer.headers['www-authenticate']).toBe(status === 401 ? 'Basic realm="portico"' : undefined);
}

describe('is refused', () => {
  test.each([
    ['no credential', undefined],
    ['a wrong one', basic('sales', 'canary-credential-of-sales-012345678')],
    ['one more character', basic('sales', `${CREDENTIALS.sales}0`)],
    ['that of another app under this name', basic('sales', CREDENTIALS.people)],
    ['an empty one', basic('sales', '')],
    ['one of nobody', `Basic ${Buffer.from(`nobody:${CREDENTIALS.sales}`).toString('base64')}`],
    ['two of them', `${basic('sales')}, ${basic('people')}`],
    ['the assertion in its place', 'Bearer x.y.z'],
    ['what is no Base64', 'Basic ***'],
    ['no name', `Basic ${Buffer.from(`:${CREDENTIALS.sales}`).toString('base64')}`],
  ])('an app with %s', async (_what, authorization) => {
    const subject_token = await world.assertion('sales', ann);
    await refuses(await exchange(world.gateway, { subject_token }, { authorization }), 401, 'invalid_client');
  });

  test('an app with the assertion of another app, which is no proof here', async () => {
    const ofSales = await world.assertion('sales', ann);
    const answer = await exchange(
      world.gateway,
      { subject_token: ofSales },
      { authorization: basic('people') },
    );
    await refuses(answer, 400, 'invalid_grant');
  });

  const forgeries: readonly (readonly [string, () => Promise<string>])[] = [
    ['another key', () => world.mint('sales', ann, { store: new MemoryStore() })],
    ['another issuer', () => world.mint('sales', ann, { issuer: 'https://evil.example.com' })],
    [
      'no signature',
      async () => {
        const [, claims] = (await world.mint('sales', ann)).split('.');
        return `${Buffer.from('{"alg":"none","typ":"portico+jwt"}').toString('base64url')}.${claims}.`;
      },
    ],
    [
      'claims that were changed',
      async () => {
        const [head, , signature] = (await world.mint('sales', ann)).split('.');
        const claims = { ...decodeJwt(await world.mint('sales', ann)), sid: 'another' };
        return `${head}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
      },
    ],
    [
      'a secret that is the public key',
      async () => {
        const { keys } = JSON.parse((await ask(world.gateway, '/.auth/jwks.json')).text);
        return new SignJWT(decodeJwt(await world.mint('sales', ann)))
          .setProtectedHeader({ alg: 'HS256', typ: 'portico+jwt', kid: keys[0].kid })
          .sign(Buffer.from(keys[0].x));
      },
    ],
    ...['JWT', 'at+jwt', undefined].map(
      (typ) =>
        [
          `type ${typ}, though with our own key`,
          async () => world.sign(decodeJwt(await world.mint('sales', ann)), typ),
        ] as const,
    ),
    ...['sid', 'sub', 'provider', 'iss', 'aud'].map(
      (claim) =>
        [
          `no ${claim}, though with our own key`,
          async () =>
            world.sign({ ...decodeJwt(await world.mint('sales', ann)), [claim]: undefined }, 'portico+jwt'),
        ] as const,
    ),
    ['too many bytes', async () => `${await world.mint('sales', ann)}.${'a'.repeat(ASSERTION_LIMIT)}`],
    ['nothing of a token', async () => 'assertion'],
  ];
  test.each(forgeries)('an assertion with %s', async (_what, forge) => {
    await refuses(await exchange(world.gateway, { subject_token: await forge() }), 400, 'invalid_grant');
  });

  test.each(['sign-out', 'revoked'] as const)(
    'an assertion of a session that is over: %s',
    async (reason) => {
      const subject_token = await world.assertion('sales', ann);
      await world.end(ann, reason);
      await expect
        .poll(async () => (await exchange(world.gateway, { subject_token })).status, { interval: 50 })
        .toBe(400);
      await refuses(await exchange(world.gateway, { subject_token }), 400, 'invalid_grant');
      await world.restart();
      await refuses(await exchange(world.gateway, { subject_token }), 400, 'invalid_grant');
    },
  );

  test.each([{ subject: 'somebody-else' }, { provider: 'other' }])(
    'an assertion of a session that is another person’s by now: %o',
    async (identity) => {
      const subject_token = await world.assertion('sales', ann);
      await world.change(ann, identity);
      await expect.poll(async () => (await exchange(world.gateway, { subject_token })).status).toBe(400);
      await refuses(await exchange(world.gateway, { subject_token }), 400, 'invalid_grant');
    },
  );

  test('a person whose role was withdrawn, though their session lives and has a token in its cache', async () => {
    const subject_token = await world.assertion('sales', ann);
    const form = { subject_token, audience: 'orders' };
    expect((await exchange(world.gateway, form)).status).toBe(200);
    await world.change(ann, { roles: ['guest'] });
    await expect.poll(async () => (await exchange(world.gateway, form)).status).toBe(400);
    await refuses(await exchange(world.gateway, form), 400, 'invalid_grant');
    expect((await ask(world.gateway, '/.auth/session', { cookie: ann.cookie })).status).toBe(200);
  });

  test('a person who was only ever on a page that everybody may see', async () => {
    const bob = await world.signIn({ subject: 'bob', roles: [] });
    const subject_token = await world.assertion('sales', bob);
    await refuses(await exchange(world.gateway, { subject_token }), 400, 'invalid_grant');
  });

  const requests: readonly (readonly [
    what: string,
    form: Readonly<Record<string, string>>,
    error: string,
    app: 'sales' | 'people',
  ])[] = [
    ['an API that is not declared', { audience: 'nothing' }, 'invalid_target', 'sales'],
    ['an API of another app', { audience: 'orders' }, 'invalid_target', 'people'],
    ['an API for people of another provider', { audience: 'elsewhere' }, 'invalid_target', 'sales'],
    [
      'an assertion for another app',
      { audience: 'people', requested_token_type: JWT },
      'invalid_target',
      'sales',
    ],
    [
      'a scope that is not declared',
      { audience: 'orders', scope: 'orders:read admin' },
      'invalid_scope',
      'sales',
    ],
    ['a scope of another API', { audience: 'orders', scope: 'people:read' }, 'invalid_scope', 'sales'],
    ['an access token for nothing', { requested_token_type: ACCESS_TOKEN }, 'invalid_request', 'sales'],
    ['another kind of token', { requested_token_type: 'urn:x:saml2' }, 'invalid_request', 'sales'],
    ['a SAML assertion', { subject_token_type: 'urn:x:saml2' }, 'invalid_request', 'sales'],
    ['nobody', { subject_token: '' }, 'invalid_request', 'sales'],
    ['a refresh', { grant_type: 'refresh_token' }, 'unsupported_grant_type', 'sales'],
  ];
  test.each(requests)('a request for %s', async (_what, form, error, app) => {
    const subject_token = await world.assertion(app, ann);
    const answer = await exchange(world.gateway, { subject_token, ...form }, { authorization: basic(app) });
    await refuses(answer, 400, error);
    expect(world.provider.asked.filter((asked) => asked.get('grant_type') === 'refresh_token')).toEqual([]);
  });

  test.each(['audience=orders&audience=staff', 'subject_token=x', 'scope=orders%3Aread&scope='])(
    'a request that says a thing twice: %s',
    async (more) => {
      const subject_token = await world.assertion('sales', ann);
      const twice = `${new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token_type: JWT,
        subject_token,
        ...(more.startsWith('scope') ? { audience: 'orders' } : {}),
      })}&${more}`;
      const answer = await ask(world.gateway, '/.auth/token', {
        method: 'POST',
        headers: { authorization: basic('sales'), 'content-type': 'application/x-www-form-urlencoded' },
        body: twice,
      });
      await refuses(answer, 400, 'invalid_request');
    },
  );

  test('what is no form, or too much of one', async () => {
    const json = { 'content-type': 'application/json' };
    await refuses(await exchange(world.gateway, { subject_token: 'x' }, json), 400, 'invalid_request');
    const large = await exchange(world.gateway, { subject_token: 'x'.repeat(20_000) });
    await refuses(large, 400, 'invalid_request');
  });

  test('anything but POST, and a cookie is no credential', async () => {
    const got = await ask(world.gateway, '/.auth/token', { headers: { authorization: basic('sales') } });
    expect([got.status, got.headers.allow]).toEqual([405, 'POST']);
    const answer = await ask(world.gateway, '/.auth/token', {
      method: 'POST',
      cookie: ann.cookie,
      headers: { origin: ORIGIN, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ subject_token: await world.assertion('sales', ann) }).toString(),
    });
    await refuses(answer, 401, 'invalid_client');
  });
});
