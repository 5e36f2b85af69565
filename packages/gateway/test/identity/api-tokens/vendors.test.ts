import { describe, expect, it } from 'vitest';
import { TRANSACTION } from '../oauth/provider.ts';
import { entraStandIn, TENANT } from '../stand-ins/entra.ts';
import { auth0StandIn, genericStandIn, keycloakStandIn, oktaStandIn } from '../stand-ins/vendors.ts';
import { NOW, refuses, SESSION, type Vendor, vendor } from './vendor.ts';

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

const entra = (): Promise<Vendor> =>
  vendor(
    `type: entra, tenant: ${TENANT}, refresh_tokens: true`,
    { 'login.microsoftonline.com': entraStandIn().site },
    `/${TENANT}/oauth2/v2.0/token`,
  );
const okta = (): Promise<Vendor> =>
  vendor(
    'type: okta, domain: acme.okta.com, server: default',
    { 'acme.okta.com': oktaStandIn('default').site },
    '/oauth2/default/v1/token',
  );
const keycloak = (): Promise<Vendor> =>
  vendor(
    'type: keycloak, url: "https://sso.example.com", realm: company',
    { 'sso.example.com': keycloakStandIn().site },
    '/realms/company/protocol/openid-connect/token',
  );
const generic = (): Promise<Vendor> =>
  vendor(
    'type: oidc, issuer: "https://id.example.com"',
    { 'id.example.com': genericStandIn().site },
    '/token',
  );

describe('Entra ID', () => {
  it('gives a token for another resource to the refresh token, by scopes that name the resource', async () => {
    const it_ = await entra();
    await it_.token({ grant: 'refresh', scopes: ['User.Read', 'Mail.Read'] });
    await it_.token({ grant: 'refresh', scopes: ['read'], resource: 'api://1f0c' });
    await it_.token({ grant: 'refresh', resource: 'https://management.azure.com/' });
    await it_.token({ grant: 'refresh', scopes: ['api://2f0c/read'], resource: 'api://1f0c' });
    expect(it_.asked.map(({ scope }) => scope)).toEqual([
      'User.Read Mail.Read',
      'api://1f0c/read',
      // The doubled slash is as it should be there: the resource ends in one.
      'https://management.azure.com//.default',
      'api://2f0c/read',
    ]);
    expect(it_.asked[0]).toEqual({
      grant_type: 'refresh_token',
      refresh_token: SESSION.tokens.refreshToken,
      scope: 'User.Read Mail.Read',
    });
  });

  it('acts on behalf of the person with the token that the sign-in brought for the gateway’s own API', async () => {
    const it_ = await entra();
    const { token, tokens } = await it_.token({ grant: 'on-behalf-of', scopes: ['User.Read'] });
    expect(it_.asked).toEqual([
      {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: SESSION.tokens.accessToken,
        requested_token_use: 'on_behalf_of',
        scope: 'User.Read',
      },
    ]);
    expect(token).toEqual({
      accessToken: 'access-for-the-api',
      expiresAt: NOW + 600_000,
      scope: 'User.Read',
    });
    expect(tokens).toBeUndefined();
  });

  it.each([
    ['AADSTS65001: The user or administrator has not consented to use the application', /agreed/],
    ['AADSTS50076: you must use multi-factor authentication to access', /sign in again/],
    ['AADSTS53003: Access has been blocked by Conditional Access policies.', /does not allow/],
  ])('signs nobody out over %s', async (description, words) => {
    const it_ = await entra();
    it_.answer = refuses('invalid_grant', description);
    await expect(it_.token({ grant: 'refresh', scopes: ['Mail.Read'] })).rejects.toMatchObject({
      code: 'token_refused',
      status: 403,
      publicMessage: expect.stringMatching(words),
      message: expect.stringContaining('AADSTS'),
    });
  });

  it('signs nobody out while there is something that the person can do', async () => {
    const it_ = await entra();
    it_.answer = () => ({
      status: 400,
      body: { error: 'invalid_grant', error_description: 'AADSTS50158', suberror: 'additional_action' },
    });
    await expect(it_.token({ grant: 'refresh', scopes: ['Mail.Read'] })).rejects.toMatchObject({
      code: 'token_refused',
    });
  });

  it('ends the session when the refresh token itself is over', async () => {
    const it_ = await entra();
    it_.answer = refuses('invalid_grant', 'AADSTS70008: The refresh token has expired due to inactivity.');
    await expect(it_.token({ grant: 'refresh', scopes: ['Mail.Read'] })).rejects.toMatchObject({
      code: 'refresh_refused',
      status: 401,
    });
  });

  it('says what to change when the sign-in’s token is not for the gateway’s own API', async () => {
    const it_ = await entra();
    it_.answer = refuses(
      'invalid_grant',
      'AADSTS500131: Assertion audience does not match the Client app presenting the assertion.',
    );
    await expect(it_.token({ grant: 'on-behalf-of', scopes: ['User.Read'] })).rejects.toMatchObject({
      code: 'token_refused',
      message: expect.stringContaining('api://CLIENT_ID'),
    });
  });
});

describe('Auth0', () => {
  it('calls the API an audience, which a refresh token for several resources takes', async () => {
    const it_ = await vendor(
      'type: auth0, domain: acme.eu.auth0.com, refresh_tokens: true',
      { 'acme.eu.auth0.com': auth0StandIn().site },
      '/oauth/token',
    );
    await it_.token({ grant: 'refresh', scopes: ['read:orders'], resource: 'https://api.example.com' });
    expect(it_.asked).toEqual([
      {
        grant_type: 'refresh_token',
        refresh_token: SESSION.tokens.refreshToken,
        scope: 'read:orders',
        audience: 'https://api.example.com',
      },
    ]);
  });
});

describe('Okta and Keycloak', () => {
  it.each([
    ['Okta', okta, 'api://default'],
    ['Keycloak', keycloak, 'orders-api'],
  ])('%s exchanges the access token for one with the API’s audience', async (_name, start, audience) => {
    const it_ = await start();
    it_.answer = () => ({
      body: {
        access_token: 'access-for-the-api',
        issued_token_type: ACCESS_TOKEN,
        token_type: 'Bearer',
        expires_in: 600,
        scope: 'orders',
        refresh_token: 'not-ours',
      },
    });
    const { token, tokens } = await it_.token({ grant: 'exchange', scopes: ['orders'], resource: audience });
    expect(it_.asked).toEqual([
      {
        grant_type: EXCHANGE,
        subject_token: SESSION.tokens.accessToken,
        subject_token_type: ACCESS_TOKEN,
        requested_token_type: ACCESS_TOKEN,
        scope: 'orders',
        audience,
      },
    ]);
    expect(token).toEqual({ accessToken: 'access-for-the-api', expiresAt: NOW + 600_000, scope: 'orders' });
    expect(tokens).toBeUndefined();
  });
});

describe('Keycloak', () => {
  it.each([
    ['invalid_client', 'Audience not found', 'token_refused'],
    ['invalid_request', 'Requested audience not available: orders-api', 'token_refused'],
    ['invalid_request', 'Standard token exchange is not enabled for the requested client', 'token_refused'],
    ['unauthorized_client', 'Invalid client or Invalid client credentials', 'invalid_client'],
  ])('that answers %s, %s, has said: %s', async (error, description, code) => {
    const it_ = await keycloak();
    it_.answer = refuses(error, description);
    await expect(it_.token({ grant: 'exchange', resource: 'orders-api' })).rejects.toMatchObject({
      code,
      message: expect.stringContaining('To put it right'),
    });
  });
});

describe('any other provider', () => {
  it('is told at the sign-in which APIs are meant, though the request is pushed (RFC 8707, RFC 9126)', async () => {
    const it_ = await vendor(
      'type: oidc, issuer: "https://id.example.com"',
      { 'id.example.com': genericStandIn().site },
      '/token',
      `apis:
  orders: { url: "https://orders.example.com", scopes: [read], resource: "https://orders.example.com", apps: [sales] }
  people: { url: "https://people.example.com", scopes: [list], resource: "urn:people", apps: [sales] }
`,
    );
    await it_.provider.authorizationUrl(TRANSACTION);
    const pushed = new URLSearchParams(it_.internet.asked.find(({ url }) => url.pathname === '/par')?.body);
    expect(pushed.getAll('resource')).toEqual(['https://orders.example.com', 'urn:people']);
    expect(pushed.get('scope')).toBe('openid profile email read list');
    expect(pushed.get('code_challenge_method')).toBe('S256');
  });

  it.each([
    ['resource for an address', 'https://api.example.com/v1', { resource: 'https://api.example.com/v1' }],
    ['audience for a name', 'orders-api', { audience: 'orders-api' }],
  ])('is asked for an exchange with %s (RFC 8693)', async (_what, resource, named) => {
    const it_ = await generic();
    await it_.token({ grant: 'exchange', resource });
    expect(it_.asked[0]).toMatchObject({ grant_type: EXCHANGE, ...named });
  });

  it.each([
    ['a token of another type', { token_type: 'N_A' }],
    ['a token that only a key makes good', { token_type: 'DPoP' }],
    ['what is no access token', { issued_token_type: 'urn:ietf:params:oauth:token-type:id_token' }],
  ])('is not believed with %s', async (_what, odd) => {
    const it_ = await generic();
    it_.answer = () => ({ body: { access_token: 'a', token_type: 'Bearer', expires_in: 600, ...odd } });
    await expect(it_.token({ grant: 'exchange', resource: 'x' })).rejects.toMatchObject({
      code: 'token_refused',
    });
  });

  it.each([
    ['its trouble', refuses('temporarily_unavailable', 'later', 503), 'provider_unreachable'],
    ['our client', refuses('invalid_client', 'who?', 401), 'invalid_client'],
    ['a page', () => ({ status: 502, body: '<h1>Bad gateway</h1>' }), 'provider_unreachable'],
    ['this client’s grants', refuses('unauthorized_client', 'not allowed'), 'token_refused'],
    ['the person', refuses('access_denied', 'no'), 'token_refused'],
    ['the subject token', refuses('invalid_grant', 'expired'), 'token_refused'],
  ])('is told apart when it speaks of %s', async (_what, answer, code) => {
    const it_ = await generic();
    it_.answer = answer;
    await expect(it_.token({ grant: 'exchange', resource: 'x' })).rejects.toMatchObject({ code });
  });

  it('keeps its tokens out of every error', async () => {
    const it_ = await generic();
    it_.answer = (form) => ({
      status: 400,
      body: { error: 'invalid_target', error_description: `no: ${form.get('subject_token')}-canary-canary` },
    });
    const error: unknown = await it_
      .token({ grant: 'exchange', resource: 'x' })
      .catch((caught: unknown) => caught);
    expect(JSON.stringify([String(error), error])).not.toContain('access-of-the-sign-in-canary');
  });
});
