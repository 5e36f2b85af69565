import { describe, expect, it } from 'vitest';
import { ORIGIN } from '../../gate/gateway.ts';
import type { Site } from '../oauth/internet.ts';
import {
  auth0StandIn,
  gitlabStandIn,
  googleStandIn,
  keycloakStandIn,
  oktaStandIn,
} from '../stand-ins/vendors.ts';
import { type World, world } from '../stand-ins/world.ts';

/** The address where signing out leads to. */
async function signOut({ browser }: World): Promise<URL> {
  const page = await browser.fetch(`${ORIGIN}/.auth/logout`, { method: 'POST' });
  return new URL(page.headers.get('location') ?? '', ORIGIN);
}

describe('Auth0', () => {
  const keys = 'type: auth0, domain: acme.eu.auth0.com';
  const host = 'acme.eu.auth0.com';

  it('names the API in audience and reads roles below the namespace', async () => {
    const auth0 = auth0StandIn();
    const more = ', audience: "https://api.example.com", namespace: "https://apps.example.com"';
    const it_ = await world(keys + more, { [host]: auth0.site });
    await it_.signIn();
    expect(await it_.who()).toMatchObject({
      user: 'auth0|507f1f77bcf86cd799439020',
      email: 'jane@example.com',
      roles: ['analyst'],
    });
    expect(auth0.requests[0]?.get('audience')).toBe('https://api.example.com');
  });

  it('signs out at v2/logout where the metadata has no way of the standard', async () => {
    const it_ = await world(keys, { [host]: auth0StandIn().site });
    await it_.signIn();
    const url = await signOut(it_);
    expect(url.origin + url.pathname).toBe('https://acme.eu.auth0.com/v2/logout');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'portico-client',
      returnTo: `${ORIGIN}/.auth/signed-out`,
    });
  });

  it('signs out at oidc/logout where the metadata has it', async () => {
    const auth0 = auth0StandIn();
    auth0.metadata['end_session_endpoint'] = 'https://acme.eu.auth0.com/oidc/logout';
    const it_ = await world(keys, { [host]: auth0.site });
    await it_.signIn();
    const url = await signOut(it_);
    expect(url.pathname).toBe('/oidc/logout');
    expect(url.searchParams.get('post_logout_redirect_uri')).toBe(`${ORIGIN}/.auth/signed-out`);
  });
});

describe('Okta', () => {
  it('asks the organization’s server for groups, and UserInfo for what a thin ID token leaves out', async () => {
    const okta = oktaStandIn();
    const it_ = await world('type: okta, domain: acme', { 'acme.okta.com': okta.site });
    await it_.signIn();
    expect(await it_.who()).toMatchObject({ email: 'john.doe@example.com', groups: ['Everyone', 'Finance'] });
    expect(okta.requests[0]?.get('scope')).toBe('openid profile email groups');
  });

  it('asks a custom server at its own issuer, and not for a scope that it may not have', async () => {
    const okta = oktaStandIn('default');
    const it_ = await world('type: okta, domain: acme.okta.com, server: default, refresh_tokens: true', {
      'acme.okta.com': okta.site,
    });
    await it_.signIn();
    expect(await it_.who()).toMatchObject({ user: '00uid4BxXw6I6TV4m0g3' });
    expect(okta.requests[0]?.get('scope')).toBe('openid profile email offline_access');
  });
});

describe('Google', () => {
  const keys = 'type: google, hosted_domain: example.com';
  const hosts = (site: Site): Record<string, Site> =>
    Object.fromEntries(
      [
        ...['accounts.google.com', 'oauth2.googleapis.com'],
        ...['www.googleapis.com', 'openidconnect.googleapis.com'],
      ].map((host) => [host, site]),
    );

  it('asks for one domain, and for a refresh token in its own way', async () => {
    const google = googleStandIn();
    const it_ = await world(`${keys}, refresh_tokens: true, prompt: select_account`, hosts(google.site));
    await it_.signIn();
    expect(await it_.who()).toMatchObject({ email: 'jsmith@example.com' });
    expect(Object.fromEntries(google.requests[0] ?? [])).toMatchObject({
      hd: 'example.com',
      access_type: 'offline',
      prompt: 'select_account consent',
      scope: 'openid profile email',
    });
  });

  it.each([[undefined], ['example.org'], [['example.com']]])(
    'turns away an account whose token says hd %j, though the request asked for another',
    async (hd) => {
      const google = googleStandIn();
      google.idToken = { ...google.idToken, hd };
      const it_ = await world(keys, hosts(google.site));
      const page = await it_.signIn();
      expect(page.status).toBe(403);
      expect(it_.gateway.log.join()).toContain('wrong_domain');
    },
  );

  it.each([
    ['anybody@gmail.com', undefined, true, 'anybody@gmail.com'],
    ['ceo@corp.example', undefined, true, null],
    ['ceo@corp.example', 'corp.example', true, 'ceo@corp.example'],
    ['ceo@corp.example', 'corp.example', false, null],
    ['ceo@gmail.com.evil.example', undefined, true, null],
  ])('vouches for %s with hd %s and email_verified %s as %s', async (email, hd, verified, result) => {
    const google = googleStandIn();
    google.idToken = { ...google.idToken, email, hd, email_verified: verified };
    const it_ = await world('type: google', hosts(google.site));
    await it_.signIn();
    expect((await it_.who())['email']).toBe(result);
  });

  it('has nowhere to sign out, so the gateway’s own page says that it is done', async () => {
    const it_ = await world(keys, hosts(googleStandIn().site));
    await it_.signIn();
    expect((await signOut(it_)).href).toBe(`${ORIGIN}/.auth/signed-out`);
  });
});

describe('Keycloak', () => {
  const keys = 'type: keycloak, url: "https://sso.example.com/", realm: company';

  it('reads realm roles, its own client’s roles and groups without their leading slash', async () => {
    const it_ = await world(keys, { 'sso.example.com': keycloakStandIn().site });
    await it_.signIn();
    expect(await it_.who()).toMatchObject({
      name: 'Ada Byron',
      email: 'ada@example.com',
      roles: ['offline_access', 'analyst', 'editor'],
      groups: ['finance', 'finance/eu'],
    });
  });

  it.each([
    ['another client', { azp: 'other' }],
    ['another person', { sub: 'somebody-else' }],
    ['another realm', { iss: 'https://sso.example.com/realms/master' }],
  ])('takes no roles from an access token for %s', async (_whose, change) => {
    const keycloak = keycloakStandIn();
    keycloak.accessToken = { ...keycloak.accessToken, ...change };
    const it_ = await world(keys, { 'sso.example.com': keycloak.site });
    await it_.signIn();
    expect(await it_.who()).toMatchObject({ roles: [] });
  });

  it('goes by the ID token where a mapper puts the roles there', async () => {
    const keycloak = keycloakStandIn();
    keycloak.idToken = { ...keycloak.idToken, realm_access: { roles: ['viewer'] } };
    const it_ = await world(keys, { 'sso.example.com': keycloak.site });
    await it_.signIn();
    expect(await it_.who()).toMatchObject({ roles: ['viewer'] });
  });

  it('is refused when its callback names another issuer, or none (RFC 9207)', async () => {
    const it_ = await world(keys, { 'sso.example.com': keycloakStandIn().site });
    for (const change of [
      (url: URL) => url.searchParams.set('iss', 'https://evil.example.com'),
      (url: URL) => url.searchParams.delete('iss'),
    ]) {
      const page = await it_.signIn((next) => next.includes('/callback?'));
      const url = new URL(page.url);
      change(url);
      expect((await it_.browser.fetch(url.href)).status).toBe(400);
      expect((await it_.who())['user']).toBeUndefined();
    }
  });
});

describe('GitLab', () => {
  it.each([
    ['gitlab.com', 'type: gitlab'],
    ['git.example.com', 'type: gitlab, url: "https://git.example.com/"'],
  ])('at %s lists all groups', async (host, keys) => {
    const it_ = await world(keys, { [host]: gitlabStandIn(`https://${host}`).site });
    await it_.signIn();
    expect(await it_.who()).toMatchObject({
      user: '1',
      email: 'sidney@example.com',
      groups: ['acme', 'acme/data'],
    });
  });

  it('lists the direct groups where UserInfo has none, and no address that is not confirmed', async () => {
    const gitlab = gitlabStandIn();
    gitlab.userInfo = { ...gitlab.userInfo, groups: undefined, email_verified: false };
    const it_ = await world('type: gitlab', { 'gitlab.com': gitlab.site });
    await it_.signIn();
    expect(await it_.who()).toMatchObject({ email: null, groups: ['acme/data'] });
  });
});
