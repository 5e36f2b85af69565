import { describe, expect, test } from 'vitest';
import type { Identity } from '../../src/core/types.ts';
import { headerProfiles } from '../../src/proxy/profiles/index.ts';
import type { Told } from '../../src/proxy/profiles/profile.ts';

const ANN: Identity = {
  issuer: 'https://login.microsoftonline.com/9f1c2b3a-0000-4000-8000-000000000000/v2.0',
  subject: '1f2e3d4c-0000-4000-8000-00000000000a',
  provider: 'entra',
  email: 'ann@example.com',
  name: 'Ann Müller 山田',
  roles: ['analyst', 'editor'],
  groups: ['finance', 'it'],
  claims: { department: 'Sales', given_name: 'Ann', roles: ['forged'], oid: 'forged', tags: ['a', 'b'] },
};

const profiles = headerProfiles({
  sign: async (ring, claims) => `${ring}:${JSON.stringify(claims)}`,
  clock: () => 1_800_000_000_500,
  issuer: 'https://apps.example.com',
});

type Name = keyof typeof profiles;

/** The lines of one profile as a map; a name that stands twice would be two answers to one question. */
async function told(name: Name, identity: Partial<Identity> = {}, more: Partial<Told> = {}) {
  const text = await profiles[name].lines({
    identity: { ...ANN, ...identity },
    idp: 'aad',
    app: 'sales',
    tokens: undefined,
    ...more,
  });
  const lines = text.split('\r\n').filter((line) => line !== '');
  const pairs = lines.map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]);
  expect(new Set(pairs.map(([header]) => header)).size).toBe(pairs.length);
  return new Map(pairs);
}

interface Principal {
  readonly auth_typ: string;
  readonly name_typ: string;
  readonly role_typ: string;
  readonly claims: readonly { readonly typ: string; readonly val: string }[];
}

const principalOf = (headers: Map<string, string>): Principal =>
  JSON.parse(Buffer.from(headers.get('X-MS-CLIENT-PRINCIPAL') ?? '', 'base64').toString('utf8')) as Principal;

const values = ({ claims }: Principal, typ: string): string[] =>
  claims.filter((claim) => claim.typ === typ).map(({ val }) => val);

const many = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${String(i).padStart(8, '0')}-0000-4000-8000-000000000000`);

describe('easyauth', () => {
  test('names the person as App Service does', async () => {
    const headers = await told('easyauth');
    expect(headers.get('X-MS-CLIENT-PRINCIPAL-ID')).toBe(ANN.subject);
    expect(headers.get('X-MS-CLIENT-PRINCIPAL-NAME')).toBe('ann@example.com');
    expect(headers.get('X-MS-CLIENT-PRINCIPAL-IDP')).toBe('aad');
    expect([...headers.keys()].toSorted()).toEqual(profiles.easyauth.headers.toSorted());
  });

  test('tells the claims in base64 of JSON in UTF-8, with the long names of .NET where App Service has them', async () => {
    const principal = principalOf(await told('easyauth'));
    expect(principal.auth_typ).toBe('aad');
    expect(values(principal, 'name')).toEqual(['Ann Müller 山田']);
    expect(values(principal, 'http://schemas.microsoft.com/identity/claims/objectidentifier')).toEqual([
      ANN.subject,
    ]);
    expect(values(principal, 'http://schemas.microsoft.com/identity/claims/tenantid')).toEqual([
      '9f1c2b3a-0000-4000-8000-000000000000',
    ]);
    expect(values(principal, 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress')).toEqual([
      'ann@example.com',
    ]);
    expect(values(principal, principal.name_typ)).toEqual(['ann@example.com']);
    expect(values(principal, principal.role_typ)).toEqual(['analyst', 'editor']);
    expect(values(principal, 'groups')).toEqual(['finance', 'it']);
  });

  test('tells further claims, and lets none of them stand in for what is decided elsewhere', async () => {
    const principal = principalOf(await told('easyauth'));
    expect(values(principal, 'department')).toEqual(['Sales']);
    expect(values(principal, 'tags')).toEqual(['a', 'b']);
    expect(values(principal, 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname')).toEqual([
      'Ann',
    ]);
    expect(JSON.stringify(principal)).not.toContain('forged');
  });

  test('never takes an unverified address of the further claims for the verified one', async () => {
    const { email: _none, ...rest } = ANN;
    const identity = { ...rest, claims: { email: 'admin@example.com' } };
    const text = await profiles.easyauth.lines({ identity, idp: 'corp', app: 'sales', tokens: undefined });
    expect(Buffer.from(/PRINCIPAL: (.*)/.exec(text)?.[1] ?? '', 'base64').toString()).not.toContain('admin@');
    expect(text).toContain(`X-MS-CLIENT-PRINCIPAL-NAME: ${ANN.subject}\r\n`);
  });

  test('does not name anybody by a display name, which people choose themselves', async () => {
    for (const name of ['easyauth', 'oauth2-proxy', 'shiny', 'dash-enterprise'] as const) {
      const { email: _none, ...rest } = ANN;
      const identity = { ...rest, name: 'boss@example.com' };
      const text = await profiles[name].lines({ identity, idp: 'aad', app: 'sales', tokens: undefined });
      expect(text.replace(/"name":"[^"]*"/, '').replace(/PRINCIPAL: .*/, '')).not.toContain('boss@');
    }
  });

  test('has a line that servers take, however many groups there are, and says what is left out', async () => {
    for (const [groups, roles] of [
      [many(60), []],
      [many(1000), ['analyst']],
      [Array.from({ length: 5000 }, (_, i) => `${i}`), many(1000)],
    ] as const) {
      const headers = await told('easyauth', { groups, roles });
      const principal = principalOf(headers);
      expect(headers.get('X-MS-CLIENT-PRINCIPAL')?.length).toBeLessThan(8000);
      const short = groups.length > 60;
      expect(values(principal, 'groups')).toEqual(short ? [] : groups);
      expect(values(principal, 'groups_overflow')).toEqual(short ? ['true'] : []);
      expect(values(principal, 'roles_overflow')).toEqual(roles.length > 60 ? ['true'] : []);
    }
  });

  test('has no token in it until it is told to, and never the refresh token', async () => {
    const tokens = {
      accessToken: 'the-access-token',
      idToken: 'the-id-token',
      refreshToken: 'the-refresh-token',
      accessTokenExpiresAt: Date.UTC(2027, 0, 2, 3, 4, 5),
    };
    expect([...(await told('easyauth')).keys()].join()).not.toContain('TOKEN');
    const headers = await told('easyauth', {}, { tokens });
    expect(headers.get('X-MS-TOKEN-AAD-ACCESS-TOKEN')).toBe('the-access-token');
    expect(headers.get('X-MS-TOKEN-AAD-ID-TOKEN')).toBe('the-id-token');
    expect(headers.get('X-MS-TOKEN-AAD-EXPIRES-ON')).toBe('2027-01-02T03:04:05.000Z');
    const custom = await told('easyauth', {}, { tokens, idp: 'my_idp' });
    expect(custom.get('X-MS-TOKEN-MY-IDP-ACCESS-TOKEN')).toBe('the-access-token');
    for (const name of Object.keys(profiles) as Name[])
      expect([...(await told(name, {}, { tokens })).values()].join()).not.toContain('the-refresh-token');
  });
});

describe('oauth2-proxy', () => {
  test('lists the groups with commas, and leaves out a group that would be read as two', async () => {
    const headers = await told('oauth2-proxy', { groups: ['finance', 'x,admin', 'it'] });
    expect(headers.get('X-Forwarded-Groups')).toBe('finance,it');
    expect(headers.get('X-Auth-Request-Groups')).toBe('finance,it');
    expect(headers.get('X-Auth-Request-Email')).toBe('ann@example.com');
    expect(headers.has('X-Forwarded-Access-Token')).toBe(false);
  });

  test('has the access token only where it is asked for', async () => {
    const headers = await told('oauth2-proxy', {}, { tokens: { accessToken: 'the-access-token' } });
    expect(headers.get('X-Forwarded-Access-Token')).toBe('the-access-token');
  });
});

describe('shiny and dash-enterprise', () => {
  test('are JSON in ASCII, since servers read other bytes differently', async () => {
    for (const [name, header] of [
      ['shiny', 'Shiny-Server-Credentials'],
      ['dash-enterprise', 'Plotly-User-Data'],
    ] as const) {
      const value = (await told(name, { groups: ['Zürich', '東京'] })).get(header) ?? '';
      expect(value).toMatch(/^[\x20-\x7e]+$/);
      expect(JSON.parse(value)).toMatchObject({ groups: ['Zürich', '東京'] });
    }
  });

  test('name the person and say what there is', async () => {
    const credentials = (await told('shiny')).get('Shiny-Server-Credentials') ?? '';
    expect(JSON.parse(credentials)).toEqual({ user: 'ann@example.com', groups: ['finance', 'it'] });
    const data = (await told('dash-enterprise', { user: 'ann' })).get('Plotly-User-Data') ?? '';
    expect(JSON.parse(data)).toEqual({
      username: 'ann',
      preferred_username: 'ann',
      sub: ANN.subject,
      email: 'ann@example.com',
      name: 'Ann Müller 山田',
      roles: ['analyst', 'editor'],
      groups: ['finance', 'it'],
    });
  });
});

describe('cloudflare-access and google-iap', () => {
  test('sign what the vendors sign, for one app and five minutes', async () => {
    const cloudflare = (await told('cloudflare-access')).get('Cf-Access-Jwt-Assertion') ?? '';
    expect(JSON.parse(cloudflare.replace('cloudflare-access:', ''))).toEqual({
      aud: ['sales'],
      email: 'ann@example.com',
      iat: 1_800_000_000,
      nbf: 1_800_000_000,
      exp: 1_800_000_300,
      iss: 'https://apps.example.com/.auth/cloudflare-access',
      type: 'app',
      sub: ANN.subject,
    });
    const iap = (await told('google-iap', {}, { idp: 'google' })).get('X-Goog-IAP-JWT-Assertion') ?? '';
    expect(JSON.parse(iap.replace('google-iap:', ''))).toEqual({
      iss: 'https://cloud.google.com/iap',
      aud: 'sales',
      sub: `accounts.google.com:${ANN.subject}`,
      email: 'ann@example.com',
      iat: 1_800_000_000,
      exp: 1_800_000_300,
    });
  });

  test('tell two providers apart, whose people may have the same subject', async () => {
    const name = 'X-Goog-Authenticated-User-Id';
    const google = await told('google-iap', { provider: 'google' }, { idp: 'google' });
    const other = await told('google-iap', { provider: 'corp' }, { idp: 'corp' });
    expect(google.get(name)).toBe(`accounts.google.com:${ANN.subject}`);
    expect(other.get(name)).toBe(`securetoken.google.com/corp:${ANN.subject}`);
  });
});

describe('every profile', () => {
  const hostile: Partial<Identity> = {
    subject: 'eve\r\nX-MS-CLIENT-PRINCIPAL-NAME: admin',
    email: 'eve@example.com\nShiny-Server-Credentials: {}',
    name: 'Eve\r\nRemote-User: admin',
    groups: ['a\r\nX-Forwarded-Groups: admin'],
    roles: ['r\u0000\r\n\r\nGET /admin HTTP/1.1'],
  };

  test.each(Object.keys(profiles) as Name[])('%s: no value of a person can end its line', async (name) => {
    const text = await profiles[name].lines({
      identity: { ...ANN, ...hostile },
      idp: 'aad',
      app: 'sales',
      tokens: { accessToken: 'a\r\nX-Evil: 1' },
    });
    const lines = text.split(/\r\n|\r|\n/).filter((line) => line !== '');
    for (const line of lines) {
      const header = line.split(':')[0] ?? '';
      expect(profiles[name].headers.includes(header) || header.startsWith('X-MS-TOKEN-AAD-')).toBe(true);
    }
    expect(lines.length).toBeLessThanOrEqual(profiles[name].headers.length + 3);
  });

  test.each(Object.keys(profiles) as Name[])('%s: every header that is set is declared', async (name) => {
    const headers = await told(name, {}, { tokens: { accessToken: 'x' } });
    for (const header of headers.keys())
      expect([...profiles[name].headers, 'X-MS-TOKEN-AAD-ACCESS-TOKEN']).toContain(header);
  });
});
