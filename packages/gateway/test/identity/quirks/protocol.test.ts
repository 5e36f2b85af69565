import { execFileSync } from 'node:child_process';
import { createHash, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ORIGIN } from '../../gate/gateway.ts';
import { entraStandIn, TENANT } from '../stand-ins/entra.ts';
import { genericStandIn, oktaStandIn } from '../stand-ins/vendors.ts';
import { type World, world } from '../stand-ins/world.ts';

const HOST = 'id.example.com';
const KEYS = 'type: generic, issuer: "https://id.example.com"';

/** A key as text in a file, for `client_key_file`. */
function keyFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'portico-key-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'client.key');
  writeFileSync(path, text);
  return path;
}

describe('pushed authorization requests (RFC 9126)', () => {
  const authorize = (it_: World): string[] => {
    const asked = it_.internet.asked.find(({ url }) => url.pathname.endsWith('/authorize'));
    return [...(asked?.url.searchParams.keys() ?? [])];
  };

  it('are made where the metadata demands them, and the address has nothing else then', async () => {
    const provider = genericStandIn();
    const it_ = await world(KEYS, { [HOST]: provider.site });
    await it_.signIn();
    expect(await it_.who()).toMatchObject({
      user: 'u-1',
      email: 'grace@example.com',
      roles: ['r'],
      groups: ['g'],
    });
    expect(authorize(it_).sort()).toEqual(['client_id', 'request_uri']);
    expect(provider.requests[0]?.get('redirect_uri')).toBe(`${ORIGIN}/.auth/login/idp/callback`);
  });

  it('are made where the configuration demands them', async () => {
    const it_ = await world('type: okta, domain: acme, par: required', {
      'acme.okta.com': oktaStandIn().site,
    });
    await it_.signIn();
    expect((await it_.who())['user']).toBe('00uid4BxXw6I6TV4m0g3');
    expect(authorize(it_).sort()).toEqual(['client_id', 'request_uri']);
  });

  it('stop the sign-in where the configuration demands them and the provider has none', async () => {
    const provider = genericStandIn();
    delete provider.metadata['pushed_authorization_request_endpoint'];
    const it_ = await world(`${KEYS}, par: required`, { [HOST]: provider.site });
    expect((await it_.signIn()).status).toBe(502);
    expect(authorize(it_)).toEqual([]);
  });

  it('are not made otherwise', async () => {
    const it_ = await world('type: okta, domain: acme', { 'acme.okta.com': oktaStandIn().site });
    await it_.signIn();
    expect(authorize(it_)).toContain('code_challenge');
  });
});

describe('a client with a private key (private_key_jwt)', () => {
  const token = 'https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee/oauth2/v2.0/token';

  it.each([
    ['an EC key', generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'ES256'],
    ['an RSA key', generateKeyPairSync('rsa', { modulusLength: 2048 }), 'RS256'],
  ])(
    'proves itself with %s in PEM, at the pushed request and the token endpoint',
    async (_what, pair, alg) => {
      const provider = genericStandIn();
      provider.client = { key: pair.publicKey, audience: 'https://id.example.com' };
      const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
      const it_ = await world(`${KEYS}, client_key_file: ${keyFile(pem)}`, { [HOST]: provider.site });
      await it_.signIn();
      expect((await it_.who())['user']).toBe('u-1');
      expect(provider.assertions.map((head) => head['alg'])).toEqual([alg, alg]);
    },
  );

  it('names the key of a JWK', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const provider = genericStandIn();
    provider.client = { key: publicKey, audience: 'https://id.example.com' };
    const jwk = JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: 'key-7' });
    const it_ = await world(`${KEYS}, client_key_file: ${keyFile(jwk)}`, { [HOST]: provider.site });
    await it_.signIn();
    expect(provider.assertions.map((head) => head['kid'])).toEqual(['key-7', 'key-7']);
  });

  it('with another key is not let in', async () => {
    const provider = genericStandIn();
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    provider.client = { key: other.publicKey, audience: 'https://id.example.com' };
    const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    });
    const it_ = await world(`${KEYS}, client_key_file: ${keyFile(String(pem))}`, { [HOST]: provider.site });
    expect((await it_.signIn()).status).toBe(502);
  });

  it('shows Entra ID the thumbprint of its certificate, PS256 and the token endpoint as audience', async () => {
    const path = keyFile('');
    const certificate = `${path}.crt`;
    const subject = ['-subj', '/CN=portico', '-days', '1', '-nodes', '-newkey', 'rsa:2048'];
    execFileSync('openssl', ['req', '-x509', ...subject, '-keyout', path, '-out', certificate], {
      stdio: 'ignore',
    });
    const pem = readFileSync(certificate, 'utf8');
    writeFileSync(path, readFileSync(path, 'utf8') + pem);
    const entra = entraStandIn();
    entra.client = { key: createPublicKey(pem), audience: token };
    const it_ = await world(`type: entra, tenant: ${TENANT}, client_key_file: ${path}`, {
      'login.microsoftonline.com': entra.site,
    });
    await it_.signIn();
    expect((await it_.who())['name']).toBe('Abe Lincoln');
    const thumbprint = createHash('sha256').update(new X509Certificate(pem).raw).digest('base64url');
    expect(entra.assertions).toMatchObject([{ alg: 'PS256', 'x5t#S256': thumbprint }]);
  });
});

describe('max_age', () => {
  it.each([
    ['somebody who proved themselves just now', () => Math.floor(Date.now() / 1000) - 5, 'u-1'],
    [
      'somebody whose proof is too old, whatever the provider thought of it',
      () => Math.floor(Date.now() / 1000) - 7200,
      undefined,
    ],
    ['a provider that does not say when', () => undefined, undefined],
  ])('is asked for and looked after: %s', async (_who, authTime, user) => {
    const provider = genericStandIn();
    provider.idToken = { ...provider.idToken, auth_time: authTime() };
    const it_ = await world(`${KEYS}, max_age: 3600`, { [HOST]: provider.site });
    await it_.signIn();
    expect(provider.requests[0]?.get('max_age')).toBe('3600');
    expect((await it_.who())['user']).toBe(user);
  });
});

describe('keys of the provider', () => {
  it('may change between two sign-ins', async () => {
    const provider = genericStandIn();
    const it_ = await world(KEYS, { [HOST]: provider.site });
    const page = await it_.signIn((next) => next.includes('/callback?'));
    provider.rotateKey();
    expect((await it_.browser.go(page.url)).status).toBe(200);
    expect((await it_.who())['user']).toBe('u-1');
  });
});

describe('a redirect URI of one’s own', () => {
  const uri = `${ORIGIN}/oauth2/callback`;

  it('is used, and what comes there is the answer to the sign-in', async () => {
    const provider = genericStandIn();
    const it_ = await world(`${KEYS}, redirect_uri: "${uri}"`, { [HOST]: provider.site });
    await it_.signIn();
    expect(provider.requests[0]?.get('redirect_uri')).toBe(uri);
    expect((await it_.who())['user']).toBe('u-1');
  });

  it('leaves that page to the app for everything that is no answer', async () => {
    const it_ = await world(`${KEYS}, redirect_uri: "${ORIGIN}/"`, { [HOST]: genericStandIn().site });
    const page = await it_.browser.fetch(`${ORIGIN}/?code=1`, {
      headers: { 'sec-fetch-mode': 'navigate', accept: 'text/html' },
    });
    expect(page.headers.get('location')).toMatch(/^\/\.auth\/login/);
    await it_.signIn();
    expect((await it_.who())['user']).toBe('u-1');
  });
});
