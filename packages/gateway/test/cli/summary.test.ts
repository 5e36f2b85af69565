import { describe, expect, test } from 'vitest';
import { summary } from '../../src/cli/summary.ts';
import type { AppSettings, Settings } from '../../src/config/settings.ts';

const sales: AppSettings = {
  name: 'sales',
  title: 'Sales dashboard',
  at: '/sales',
  type: 'streamlit',
  run: ['streamlit', 'run', 'sales.py', '--server.cookieSecret', 'canary-in-argv'],
  allow: [
    { kind: 'role', value: 'analyst' },
    { kind: 'domain', value: 'example.com' },
  ],
  rules: [
    { path: '/_stcore/health', access: { public: true } },
    { path: '/admin/**', access: { public: false, allow: [{ kind: 'group', value: 'boards' }] } },
  ],
};

const settings: Settings = {
  publicUrl: 'http://localhost:8000',
  address: '127.0.0.1',
  port: 8000,
  secrets: ['canary-secret'],
  store: { kind: 'sqlite', path: '/srv/portico/.portico/portico.db' },
  session: { absolute: 43_200_000, idle: 5_400_000, refresh: true },
  providers: [
    {
      name: 'entra',
      type: 'oidc',
      title: 'Microsoft Entra',
      issuer: 'https://login.microsoftonline.com/contoso/v2.0',
      place: 'https://login.microsoftonline.com/contoso/v2.0',
      clientId: 'id',
      clientSecret: 'canary-client-secret',
      scope: 'openid',
      extraParams: {},
      rolesClaim: 'roles',
      groupsClaim: 'groups',
    },
  ],
  apis: [
    {
      name: 'graph',
      url: 'https://graph.microsoft.com/v1.0',
      provider: 'entra',
      scopes: ['User.Read'],
      grant: 'refresh',
      apps: ['sales', 'board'],
    },
  ],
  apps: [
    sales,
    {
      name: 'board',
      title: 'Board',
      at: '/',
      host: 'board.localhost',
      type: 'command',
      upstream: { hostname: '10.0.0.7', port: 8501 },
      allow: [{ kind: 'everyone' }],
      rules: [],
    },
    { name: 'closed', title: 'Closed', at: '/closed', type: 'command', allow: [], rules: [] },
  ],
  trustedProxies: [],
  log: { level: 'info', format: 'pretty' },
  stateDir: '/srv/portico/.portico',
  drainSeconds: 10,
};

const embedded: Settings = {
  ...settings,
  bearer: [
    {
      name: 'shop',
      issuer: 'https://shop.eu.auth0.com/',
      source: { kind: 'secret', secret: Buffer.from('canary-shared-secret') },
      audience: ['https://apps.example.com'],
      algorithms: ['HS256'],
      scopes: [],
      rolesClaim: 'roles',
      groupsClaim: 'groups',
    },
  ],
  apps: [
    {
      ...sales,
      bearer: ['shop'],
      embed: { origins: ['https://shop.example.com'], inline: true, script: false },
    },
  ],
};

const notes = [
  'A secret was generated and kept in the state directory. Set PORTICO_SECRET to the same value on every machine that serves these apps.',
];
const plain = summary(settings, notes, { colour: false });

describe('the start-up summary', () => {
  test('says where everything is', () => {
    for (const fact of [
      'http://localhost:8000/sales',
      'http://board.localhost:8000/',
      'http://10.0.0.7:8501',
      '127.0.0.1:8000',
      'streamlit run sales.py',
      'https://login.microsoftonline.com/contoso/v2.0',
      'graph  https://graph.microsoft.com/v1.0, for sales, board',
      '/srv/portico/.portico/portico.db',
      'after 12 hours',
      'after 90 minutes',
    ])
      expect(plain).toContain(fact);
  });

  test('says who may enter, path by path', () => {
    expect(plain).toContain('role analyst, *@example.com');
    expect(plain).toContain('/_stcore/health: everyone, without sign-in');
    expect(plain).toContain('/admin/**: group boards');
    expect(plain).toContain('everyone who signs in');
    expect(plain).toContain('nobody');
  });

  test('says whose tokens are taken, and which pages may show an app', () => {
    const shown = summary(embedded, [], { colour: false }).replace(/\s+/g, ' ');
    expect(shown).toContain('tokens of shop');
    expect(shown).toContain('shop https://shop.eu.auth0.com/, for https://apps.example.com');
    expect(shown).toContain('shown by pages of https://shop.example.com, also inline');
    expect(shown).not.toContain('canary');
    expect(plain).not.toMatch(/tokens of|shown by/);
  });

  test('fits 80 columns and is plain where there is no terminal', () => {
    for (const line of plain.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(plain).not.toContain('\u001b');
    expect(summary(settings, notes, { colour: true })).toContain('\u001b[');
    expect(plain.replace(/\s+/g, ' ')).toContain(notes[0]);
  });

  test('tells no secret', () => {
    expect(plain).not.toContain('canary');
  });

  test('names the personas of the development provider', () => {
    const persona = { id: 'ada', name: 'Ada Admin', email: 'ada@example.com', roles: [], groups: [] };
    const dev = summary(
      { ...settings, providers: [], dev: { personas: [persona], tokenLifetime: 3_600_000 } },
      [],
      { colour: false },
    );
    expect(dev).toContain('development only');
    expect(dev).toContain('Ada Admin');
  });
});
