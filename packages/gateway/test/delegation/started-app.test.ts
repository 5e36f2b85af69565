import { decodeProtectedHeader } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stopApps } from '../gate/apps.ts';
import { type Answer, ask } from '../gate/client.ts';
import { gatewayWith, SECRET, stopAll, type TestGateway } from '../gate/gateway.ts';
import { exchange, JWT } from './world.ts';

/** An app that says what it was told, and what the gateway answers when it asks for a fresh assertion. */
const SOURCE = `
  require('node:http').createServer(async (request, response) => {
    const { PORTICO_URL, PORTICO_AUDIENCE, PORTICO_APP_SECRET, PORTICO_JWKS_URL, PORTICO_ISSUER } = process.env;
    if (request.url.endsWith('/environment'))
      return response.end(JSON.stringify({ ...process.env, assertion: request.headers['portico-assertion'] }));
    const answer = await fetch(PORTICO_URL + '/.auth/token', {
      method: 'POST',
      headers: { authorization: 'Basic ' + btoa(PORTICO_AUDIENCE + ':' + PORTICO_APP_SECRET) },
      body: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: request.headers['portico-assertion'],
        subject_token_type: '${JWT}',
      }),
    });
    const keys = await (await fetch(PORTICO_JWKS_URL)).json();
    response.end(JSON.stringify({ status: answer.status, ...(await answer.json()), keys, issuer: PORTICO_ISSUER }));
  }).listen(process.env.PORT, process.env.HOST);
`;

let gateway: TestGateway;
let cookie: string;

async function start(secrets = [SECRET]): Promise<void> {
  gateway = await gatewayWith({
    secrets,
    apps: ['one', 'two'].map((name) => ({
      name,
      at: `/${name}`,
      run: [process.execPath, '-e', SOURCE],
      env: {},
    })),
  });
  cookie = await gateway.signIn();
}

beforeEach(() => start());
afterEach(async () => {
  await stopAll();
  await stopApps();
});

async function of<T = Record<string, string>>(name: string, page: string): Promise<T> {
  const path = `/${name}/${page}`;
  await expect.poll(async () => (await ask(gateway, path, { cookie })).status, { timeout: 20_000 }).toBe(200);
  return JSON.parse((await ask(gateway, path, { cookie })).text);
}

describe('an app that the gateway starts', () => {
  test('is told where to ask and with what, and gets a fresh assertion there', async () => {
    const answer = await of<{ access_token: string; keys: { keys: [{ kid: string }] } }>('one', 'fresh');
    expect(answer).toMatchObject({ status: 200, token_type: 'N_A', issuer: 'https://apps.example.com' });
    expect(decodeProtectedHeader(answer.access_token).kid).toBe(answer.keys.keys[0].kid);
  });

  test('has a credential that is its own, the same after a restart, and not the gateway’s secret', async () => {
    const [one, two] = [await of('one', 'environment'), await of('two', 'environment')];
    expect(one['PORTICO_APP_SECRET']).toMatch(/^[\w-]{43}$/);
    expect(one['PORTICO_APP_SECRET']).not.toBe(two['PORTICO_APP_SECRET']);
    expect(JSON.stringify([one, two])).not.toContain(SECRET);
    await gateway.stop();
    await start();
    expect((await of('one', 'environment'))['PORTICO_APP_SECRET']).toBe(one['PORTICO_APP_SECRET']);
    await gateway.stop();
    await start(['another-secret-0123456789-abcdefghijkl']);
    expect((await of('one', 'environment'))['PORTICO_APP_SECRET']).not.toBe(one['PORTICO_APP_SECRET']);
  });

  test('can do nothing with the assertion of its neighbour', async () => {
    const [one, two] = [await of('one', 'environment'), await of('two', 'environment')];
    const as = (name: string, secret = '') => `Basic ${btoa(`${name}:${secret}`)}`;
    const place = { port: Number(new URL(one['PORTICO_URL'] ?? '').port) };
    const status = async (assertion: string | undefined, authorization: string): Promise<number> =>
      (await exchange(place, { subject_token: assertion }, { authorization })).status;
    const [mine, theirs] = [one['PORTICO_APP_SECRET'], two['PORTICO_APP_SECRET']];
    expect(await status(one['assertion'], as('one', mine))).toBe(200);
    expect(await status(two['assertion'], as('one', mine))).toBe(400);
    expect(await status(two['assertion'], as('two', mine))).toBe(401);
    expect(await status(two['assertion'], as('two', theirs))).toBe(200);
  });
});

describe('the address for apps on this machine', () => {
  let place: { port: number };
  const there = (path: string, method = 'GET'): Promise<Answer> => ask(place, path, { method, cookie });
  beforeEach(async () => {
    const { hostname, port } = new URL((await of('one', 'environment'))['PORTICO_URL'] ?? '');
    expect(hostname).toBe('127.0.0.1');
    place = { port: Number(port) };
  });

  test.each([
    '/',
    '/one/',
    '/one/environment',
    '/.auth',
    '/.auth/',
    '/.auth/session',
    '/.auth/login',
    '/.auth/logout',
    '/.auth/metrics',
    '/.auth/healthz',
    '/.auth/me',
    '/.auth/tokens',
    '/.auth/token/',
    '/.auth/api',
  ])('has nothing at %s, whatever the cookie', async (path) => {
    expect((await there(path)).status).toBe(404);
    expect((await there(path, 'POST')).status).toBe(404);
  });

  test('has the keys, and asks for a credential for the rest', async () => {
    expect(JSON.parse((await there('/.auth/jwks.json')).text).keys).toHaveLength(1);
    expect((await there('/.auth/token', 'POST')).status).toBe(401);
    expect((await there('/.auth/api/orders/')).status).toBe(401);
  });
});
