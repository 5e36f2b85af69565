import { decodeJwt } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Browser } from '../login/browser.ts';
import { OWN_API, startTestGateway, type TestGateway, viaInternal } from '../login/gateway.ts';
import { askGraph, refreshed, refreshTokenOf } from './tokens.ts';

const SCOPE = 'openid profile email roles groups User.Read Mail.Read Reports.Read.All orders.read';

let gateway: TestGateway;
let graph: string;
beforeEach(async () => {
  gateway = await startTestGateway();
  gateway.provider({ name: 'dev', scope: SCOPE }, viaInternal(gateway.dev));
  graph = `${gateway.dev.issuer}/graph`;
  await new Browser().signIn(gateway.origin, 'ann');
});
afterEach(() => gateway.close());

const tokenFor = (scope: string, resource = graph) =>
  refreshed(gateway, refreshTokenOf(gateway), { resource, scope });

describe('access tokens of the development provider', () => {
  test('are for one API, with the scopes that were asked for', async () => {
    const { status, accessToken, scope } = await tokenFor('User.Read Mail.Read');
    expect(status).toBe(200);
    expect(scope).toBe('User.Read Mail.Read');
    expect(decodeJwt(accessToken)).toMatchObject({
      iss: gateway.dev.issuer,
      aud: graph,
      sub: 'ann',
      scope: 'User.Read Mail.Read',
    });
  });

  test('are had for an API of the configuration, by its name or by its scope alone', async () => {
    const named = await tokenFor('orders.read', OWN_API);
    expect(decodeJwt(named.accessToken)).toMatchObject({ aud: OWN_API, scope: 'orders.read' });
    const unnamed = await refreshed(gateway, named.refreshToken, { scope: 'orders.read' });
    expect(decodeJwt(unnamed.accessToken)).toMatchObject({ aud: OWN_API, scope: 'orders.read' });
  });

  test('carry no scope of another API', async () => {
    const { accessToken, scope } = await tokenFor('User.Read orders.read', OWN_API);
    expect(scope).toBe('orders.read');
    expect(decodeJwt(accessToken)['scope']).toBe('orders.read');
  });

  test('are not given for an unknown API or an unknown scope', async () => {
    const target = await tokenFor('User.Read', 'https://elsewhere.example.com');
    expect(target).toMatchObject({ status: 400, error: 'invalid_target' });
    const scope = await tokenFor('Files.Read');
    expect(scope).toMatchObject({ status: 400, error: 'invalid_scope' });
  });

  test('of a sign-in without an API are still those of the provider itself', async () => {
    const { status, accessToken } = await refreshed(gateway, refreshTokenOf(gateway));
    expect(status).toBe(200);
    const userinfo = await fetch(`${gateway.dev.issuer}/me`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    expect(await userinfo.json()).toMatchObject({ sub: 'ann', email: 'ann@example.com' });
  });

  test('live as long as the configuration says', async () => {
    await gateway.restartDev(7_000);
    expect((await tokenFor('User.Read')).expiresIn).toBe(7);
  });
});

describe('the small Graph', () => {
  test('says who one is, and when the token was issued', async () => {
    const { accessToken } = await tokenFor('User.Read');
    const { iat = 0, exp = 0 } = decodeJwt(accessToken);
    const { status, body } = await askGraph(gateway, '/me', accessToken);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: 'ann',
      displayName: 'Ann Analyst',
      mail: 'ann@example.com',
      token: {
        issuedAt: new Date(iat * 1000).toISOString(),
        expiresAt: new Date(exp * 1000).toISOString(),
        scopes: ['User.Read'],
      },
    });
  });

  test('lists groups, mail and a report', async () => {
    const { accessToken } = await tokenFor('User.Read Mail.Read Reports.Read.All');
    const groups = await askGraph(gateway, '/me/memberOf', accessToken);
    expect(groups.body['value']).toMatchObject([{ displayName: 'finance' }, { displayName: 'eu' }]);
    const mail = await askGraph(gateway, '/me/messages?$top=3', accessToken);
    expect(mail.body['value']).toMatchObject([{ id: 'ann-0' }, { id: 'ann-1' }, { id: 'ann-2' }]);
    const report = await askGraph(gateway, '/reports', accessToken);
    expect(report.body['value']).toHaveLength(4);
  });

  test.each([
    ['/me/messages', 'User.Read', 'Mail.Read'],
    ['/reports', 'Mail.Read', 'Reports.Read.All'],
    ['/me', 'Mail.Read', 'User.Read'],
  ])('refuses %s to a token for %s', async (path, scope, wanted) => {
    const { accessToken } = await tokenFor(scope);
    const answer = await askGraph(gateway, path, accessToken);
    expect(answer).toMatchObject({ status: 403, body: { error: { code: 'Forbidden' } } });
    expect(answer.challenge).toContain(`scope="${wanted}"`);
  });

  test('refuses no token, a broken one, one for another API, and one of the sign-in', async () => {
    const good = await tokenFor('User.Read');
    const other = await refreshed(gateway, good.refreshToken, { resource: OWN_API, scope: 'orders.read' });
    const own = await refreshed(gateway, other.refreshToken);
    const [head, body, signature = ''] = good.accessToken.split('.');
    const broken = `${head}.${body}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    for (const token of [undefined, broken, other.accessToken, own.accessToken, 'x.y.z']) {
      const answer = await askGraph(gateway, '/me', token);
      expect(answer).toMatchObject({ status: 401, body: { error: { code: 'InvalidAuthenticationToken' } } });
      expect(answer.challenge).toMatch(/^Bearer/);
    }
    expect((await askGraph(gateway, '/me', good.accessToken)).status).toBe(200);
  });

  test('refuses a token that has expired', async () => {
    await gateway.restartDev(1_000);
    const { accessToken } = await tokenFor('User.Read');
    await expect.poll(async () => (await askGraph(gateway, '/me', accessToken)).status).toBe(401);
  });

  test('can only be read, and only where there is something', async () => {
    const { accessToken } = await tokenFor('User.Read');
    expect((await askGraph(gateway, '/me', accessToken, 'DELETE')).status).toBe(405);
    for (const path of ['/users', '/constructor', '/me/']) {
      expect((await askGraph(gateway, path, accessToken)).status).toBe(404);
    }
  });
});
