import { describe, expect, it } from 'vitest';
import { CLIENT_ID } from '../oauth/grants.ts';
import { type EntraStandIn, entraStandIn, OVERAGE, PERSON, TENANT } from '../stand-ins/entra.ts';
import { type World, world } from '../stand-ins/world.ts';

const OTHER = '11112222-bbbb-3333-cccc-4444dddd5555';

function at(entra: EntraStandIn, keys = `type: entra, tenant: ${TENANT}`): Promise<World> {
  return world(keys, { 'login.microsoftonline.com': entra.site, 'graph.microsoft.com': entra.graph });
}

describe('Entra ID', () => {
  it('signs in one tenant’s people by tid and oid, with app roles and groups', async () => {
    const it_ = await at(entraStandIn());
    const page = await it_.signIn();
    expect(JSON.parse(page.body)).toMatchObject({
      user: PERSON,
      name: 'Abe Lincoln',
      roles: ['Reports.Read'],
      groups: ['eeeeeeee-4444-5555-6666-ffffffffffff'],
    });
    expect(it_.internet.paths('graph.microsoft.com')).toEqual([]);
  });

  it('finds the tenant behind a domain', async () => {
    const it_ = await at(entraStandIn('contoso.com'), 'type: azurev2, tenant: contoso.com');
    await it_.signIn();
    expect(await it_.who()).toMatchObject({ user: PERSON });
  });

  it('asks with the domain hint and the prompt of the configuration', async () => {
    const entra = entraStandIn();
    const it_ = await at(
      entra,
      `type: azure, tenant: ${TENANT}, domain_hint: contoso.com, prompt: select_account`,
    );
    await it_.signIn();
    const [asked] = entra.requests;
    expect(asked?.get('domain_hint')).toBe('contoso.com');
    expect(asked?.get('prompt')).toBe('select_account');
    expect(asked?.get('client_id')).toBe(CLIENT_ID);
  });

  it.each([
    ['as it is', {}, null],
    ['called verified by the token itself', { email_verified: true }, null],
    ['of a domain that nobody owns', { xms_edov: false }, null],
    ['of a domain whose owner was verified', { xms_edov: true }, 'abeli@contoso.com'],
    ['of such a domain, in the older spelling', { xms_edov: '1' }, 'abeli@contoso.com'],
    ['verified by definition', { verified_primary_email: ['abe@contoso.com'] }, 'abe@contoso.com'],
  ])('takes an e-mail address %s for what it is worth (nOAuth)', async (_what, more, email) => {
    const entra = entraStandIn();
    Object.assign(entra, { idToken: { ...entra.idToken, ...more } });
    const it_ = await at(entra);
    await it_.signIn();
    expect((await it_.who())['email']).toBe(email);
  });
});

describe('several tenants of Entra ID', () => {
  const keys = `type: entra, tenants: [${TENANT.toUpperCase()}]`;

  it('sign in when they are listed, with the tenant filled into the issuer', async () => {
    const it_ = await at(entraStandIn('organizations'), keys);
    await it_.signIn();
    expect(await it_.who()).toMatchObject({ user: PERSON });
  });

  it('do not when they are not, though Microsoft vouches for them', async () => {
    const entra = entraStandIn('organizations');
    const iss = `https://login.microsoftonline.com/${OTHER}/v2.0`;
    entra.idToken = { ...entra.idToken, tid: OTHER, iss };
    const it_ = await at(entra, keys);
    const page = await it_.signIn();
    expect(page.status).toBe(403);
    expect(it_.gateway.log.join()).toContain('wrong_tenant');
    expect(it_.browser.cookie('__Host-portico').filter(({ name }) => name === '__Host-portico')).toEqual([]);
  });

  it.each([
    [
      'a listed tid under another tenant’s issuer',
      { iss: `https://login.microsoftonline.com/${OTHER}/v2.0` },
    ],
    ['the template for an issuer', { iss: 'https://login.microsoftonline.com/{tenantid}/v2.0' }],
    ['no tid', { tid: undefined }],
    ['an oid that is none', { oid: 'admin' }],
  ])('are refused with %s', async (_what, change) => {
    const entra = entraStandIn('organizations');
    entra.idToken = { ...entra.idToken, ...change };
    const it_ = await at(entra, keys);
    expect((await it_.signIn()).status).toBeGreaterThanOrEqual(400);
    expect((await it_.who())['user']).toBeUndefined();
  });
});

describe('more groups than fit in a token of Entra ID', () => {
  it.each([
    ['the pointer', OVERAGE],
    ['the flag', { hasgroups: true }],
  ])('are fetched from Microsoft Graph page by page, told by %s', async (_what, claims) => {
    const entra = entraStandIn();
    entra.idToken = { ...entra.idToken, groups: undefined, ...claims };
    const it_ = await at(entra);
    await it_.signIn();
    expect(await it_.who()).toMatchObject({ groups: ['g-1', 'g-2', 'g-3'] });
    expect(it_.internet.asked.map(({ url }) => url.host)).not.toContain('graph.windows.net');
  });

  it('stop the sign-in with the reason when Graph tells none', async () => {
    const entra = entraStandIn();
    entra.idToken = { ...entra.idToken, ...OVERAGE };
    const it_ = await at(entra, `type: entra, tenant: ${TENANT}, scope: openid profile`);
    const page = await it_.signIn();
    expect(page.status).toBe(502);
    expect(page.body).toContain('User.Read');
  });

  it('are none where the configuration does not want them fetched', async () => {
    const entra = entraStandIn();
    entra.idToken = { ...entra.idToken, groups: undefined, ...OVERAGE };
    const it_ = await at(entra, `type: entra, tenant: ${TENANT}, groups_from_graph: false`);
    await it_.signIn();
    expect(await it_.who()).toMatchObject({ user: PERSON, groups: [] });
  });

  it('never send the token to another host for the next page', async () => {
    const entra = entraStandIn();
    entra.idToken = { ...entra.idToken, ...OVERAGE };
    const it_ = await at(entra);
    it_.internet.instead.set('/v1.0/me/transitiveMemberOf/microsoft.graph.group', {
      body: { value: [{ id: 'g' }], '@odata.nextLink': 'https://evil.example.com/next' },
    });
    expect((await it_.signIn()).status).toBe(502);
    expect(it_.internet.asked.map(({ url }) => url.host)).not.toContain('evil.example.com');
  });
});
