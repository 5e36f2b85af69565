import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { createLocalJWKSet, importSPKI, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { HEADER_PROFILES, type HeaderProfile } from '../../src/config/settings.ts';
import { headerProfiles } from '../../src/proxy/profiles/index.ts';
import { httpApp, stopApps } from './apps.ts';
import { ask, socket } from './client.ts';
import { gatewayWith, ORIGIN, stopAll, type TestGateway } from './gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

type Headers = readonly (readonly [name: string, value: string])[];

const headersOf = ({ rawHeaders }: IncomingMessage): Headers =>
  rawHeaders.flatMap((name, i) =>
    i % 2 === 0 ? [[name.toLowerCase(), rawHeaders[i + 1] ?? ''] as const] : [],
  );

interface Mirror {
  readonly gateway: TestGateway;
  readonly cookie: string;
  /** What the app was told, by HTTP and by a WebSocket handshake. */
  readonly http: (path: string, headers: Record<string, string>, cookie?: string) => Promise<Headers>;
  readonly upgrade: (path: string, headers: Record<string, string>, cookie?: string) => Promise<Headers>;
}

/** A gateway with one app that tells what it was told. */
async function mirror(profiles: readonly HeaderProfile[], tokenHeaders = false): Promise<Mirror> {
  const app = await httpApp((request, response) => response.end(JSON.stringify(headersOf(request))));
  const sockets = new WebSocketServer({ server: app.server });
  sockets.on('connection', (client, request) => client.send(JSON.stringify(headersOf(request))));
  const gateway = await gatewayWith({
    apps: [
      {
        name: 'sales',
        upstream: app.upstream,
        rules: [{ path: '/open/**', access: { public: true } }],
        profiles,
        tokenHeaders,
      },
    ],
  });
  const cookie = await gateway.signIn();
  const given = (value: string | undefined) => (value === undefined ? {} : { cookie: value });
  return {
    gateway,
    cookie,
    http: async (path, headers, as) =>
      JSON.parse((await ask(gateway, path, { headers, ...given(as) })).text) as Headers,
    upgrade: async (path, headers, as) => {
      const client = socket(gateway, path, { headers, ...given(as) });
      const [data] = (await once(client, 'message')) as [Buffer];
      client.close();
      return JSON.parse(data.toString()) as Headers;
    },
  };
}

const profiles = headerProfiles({ sign: async () => '', clock: Date.now, issuer: ORIGIN });
const DECLARED = HEADER_PROFILES.flatMap((name) => profiles[name].headers);

/** Every name by which any of the profiles, or the platform that it is of, says who somebody is. */
const NAMES = [
  ...DECLARED,
  ...['AAD', 'GOOGLE', 'FACEBOOK', 'GITHUB', 'CORP'].flatMap((idp) =>
    ['ID-TOKEN', 'ACCESS-TOKEN', 'EXPIRES-ON', 'REFRESH-TOKEN'].map((what) => `X-MS-TOKEN-${idp}-${what}`),
  ),
  'X-Forwarded-User',
  'X-Forwarded-Email',
  'X-Forwarded-Preferred-Username',
  'X-Auth-Request-Access-Token',
  'Cf-Access-Token',
  'X-Goog-IAP-JWT-Assertion-2',
  'Shiny-Shared-Secret',
  'Rstudio-Connect-Credentials',
  'Posit-Connect-User-Session-Token',
  'Plotly-User-Token',
  'Portico-Assertion',
];

const SPOOFED = 'spoofed-by-client';
const fold = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '-');
const KNOWN = new Set(NAMES.map(fold));

/** The one name in the spellings that some server takes for it. */
function aliases(name: string): string[] {
  const mixed = [...name]
    .map((letter, i) => (letter === '-' ? ['_', '.', '-'][i % 3] : i % 2 ? letter.toLowerCase() : letter))
    .join('');
  return [
    name,
    name.toLowerCase(),
    name.toUpperCase(),
    name.replaceAll('-', '_'),
    name.replaceAll('-', '.'),
    name.replaceAll('-', '~'),
    mixed,
  ];
}

const spoof = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, SPOOFED]));
const arrived = (told: Headers): Headers =>
  told.filter(([name, value]) => KNOWN.has(fold(name)) && value.includes('spoofed'));

describe('the spoofing matrix: a name of any profile, in any alias, by HTTP and by WebSocket', () => {
  const cases = [
    { app: 'an app without profiles', profiles: [] },
    { app: 'an app with all of them', profiles: HEADER_PROFILES },
  ];

  test.each(cases)('never reaches $app from somebody who is signed in', async ({ profiles }) => {
    const { http, upgrade, cookie } = await mirror(profiles, true);
    for (const name of NAMES) {
      const headers = spoof(aliases(name));
      expect([name, arrived(await http('/', headers, cookie))]).toEqual([name, []]);
      expect([name, arrived(await upgrade('/', headers, cookie))]).toEqual([name, []]);
    }
  });

  test.each(cases)(
    'never reaches $app on a public path from nobody, who stays nobody',
    async ({ profiles }) => {
      const { http, upgrade } = await mirror(profiles, true);
      for (const name of NAMES) {
        for (const told of [
          await http('/open/x', spoof(aliases(name))),
          await upgrade('/open/x', spoof(aliases(name))),
        ])
          expect(told.filter(([found]) => KNOWN.has(fold(found)))).toEqual([]);
      }
    },
  );

  test('stands once, and is ours, where a profile sets it; no alias of it stands beside it', async () => {
    const { http, upgrade, cookie } = await mirror(HEADER_PROFILES, true);
    for (const told of [
      await http('/', spoof(DECLARED.flatMap(aliases)), cookie),
      await upgrade('/', spoof(DECLARED.flatMap(aliases)), cookie),
    ]) {
      const folded = told.map(([name]) => fold(name)).filter((name) => KNOWN.has(name));
      expect(new Set(folded).size).toBe(folded.length);
      expect(folded.toSorted()).toEqual(
        [
          ...DECLARED.map(fold),
          'portico-assertion',
          'x-forwarded-email',
          'x-forwarded-preferred-username',
          'x-forwarded-user',
          'x-ms-token-corp-access-token',
        ].toSorted(),
      );
    }
  });

  test('in every mixture of signs and capitals', async () => {
    const { http, cookie } = await mirror(HEADER_PROFILES, true);
    const spelling = fc
      .tuple(
        fc.constantFrom(...NAMES),
        fc.array(fc.constantFrom('-', '_', '.', '~', '!', '|'), { minLength: 8, maxLength: 8 }),
        fc.array(fc.boolean(), { minLength: 48, maxLength: 48 }),
      )
      .map(([name, signs, capitals]) => {
        let sign = 0;
        return [...name]
          .map((letter, i) =>
            letter === '-'
              ? (signs[sign++ % 8] ?? '-')
              : capitals[i]
                ? letter.toUpperCase()
                : letter.toLowerCase(),
          )
          .join('');
      });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(spelling, { minLength: 1, maxLength: 20 }), async (spellings) => {
        expect(arrived(await http('/', spoof(spellings), cookie))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('cannot be taken away by naming it in Connection (CVE-2026-33805)', async () => {
    const { http, cookie } = await mirror(HEADER_PROFILES);
    const told = await http('/', { connection: `close, ${NAMES.join(', ')}` }, cookie);
    for (const name of DECLARED.filter((one) => !one.endsWith('Access-Token')))
      expect(told.filter(([found]) => found === name.toLowerCase())).toHaveLength(1);
  });

  test('while another name arrives in all of its spellings, so that the tests above can fail', async () => {
    const { http, upgrade, cookie } = await mirror(HEADER_PROFILES);
    const headers = spoof(aliases('X-Not-Of-Any-Profile').slice(1));
    for (const told of [await http('/', headers, cookie), await upgrade('/', headers, cookie)])
      expect(told.filter(([name]) => fold(name) === 'x-not-of-any-profile').length).toBeGreaterThan(3);
  });
});

describe('tokens in headers', () => {
  test('are there only where the operator asks for them', async () => {
    const quiet = await mirror(['easyauth', 'oauth2-proxy']);
    expect(JSON.stringify(await quiet.http('/', {}, quiet.cookie))).not.toContain('canary-access-token');
    const open = await mirror(['easyauth', 'oauth2-proxy'], true);
    const told = new Map(await open.http('/', {}, open.cookie));
    expect(told.get('x-ms-token-corp-access-token')).toBe('canary-access-token');
    expect(told.get('x-forwarded-access-token')).toBe('canary-access-token');
  });

  test('get into no line of the log and no page of ours, also when the app fails', async () => {
    const { gateway, cookie } = await mirror(['easyauth', 'oauth2-proxy'], true);
    const broken = await gatewayWith({
      apps: [
        {
          name: 'broken',
          upstream: { hostname: '127.0.0.1', port: 1 },
          profiles: ['easyauth', 'oauth2-proxy'],
          tokenHeaders: true,
        },
      ],
    });
    const own = await broken.signIn();
    const pages = [
      await ask(gateway, '/.auth/me', { cookie }),
      await ask(gateway, '/.auth/session', { cookie }),
      await ask(broken, '/', { cookie: own }),
    ];
    expect(pages.at(-1)?.status).toBe(502);
    expect(broken.log.length).toBeGreaterThan(0);
    const all = [
      ...pages.flatMap(({ text, rawHeaders }) => [text, ...rawHeaders]),
      ...gateway.log,
      ...broken.log,
    ];
    expect(all.filter((text) => text.includes('canary-access-token'))).toEqual([]);
  });
});

describe('what is signed for other gateways’ verifiers', () => {
  const keysAt = async (gateway: TestGateway, path: string) => {
    const answer = await ask(gateway, path);
    expect(answer.status).toBe(200);
    return JSON.parse(answer.text) as unknown;
  };

  test('verifies with the keys where they are said to be, and not with those of anything else', async () => {
    const { gateway, http, cookie } = await mirror(['cloudflare-access', 'google-iap']);
    const told = new Map(await http('/', {}, cookie));
    const cloudflare = told.get('cf-access-jwt-assertion') ?? '';
    const iap = told.get('x-goog-iap-jwt-assertion') ?? '';
    const certs = '/.auth/cloudflare-access/cdn-cgi/access/certs';
    const rsa = (await keysAt(gateway, certs)) as JSONWebKeySet;
    const verified = await jwtVerify(cloudflare, createLocalJWKSet(rsa), {
      issuer: `${ORIGIN}/.auth/cloudflare-access`,
      audience: 'sales',
      algorithms: ['RS256'],
    });
    expect(verified.payload['email']).toBe('ann@example.com');
    const jwks = (await keysAt(gateway, '/.auth/google-iap/public_key-jwk')) as JSONWebKeySet;
    const options = { issuer: 'https://cloud.google.com/iap', audience: 'sales', algorithms: ['ES256'] };
    const { protectedHeader } = await jwtVerify(iap, createLocalJWKSet(jwks), options);
    const pems = (await keysAt(gateway, '/.auth/google-iap/public_key')) as Record<string, string>;
    await jwtVerify(iap, await importSPKI(pems[protectedHeader.kid ?? ''] ?? '', 'ES256'), options);

    const own = (await keysAt(gateway, '/.auth/jwks.json')) as JSONWebKeySet;
    const kids = [own, rsa, jwks].flatMap(({ keys }) => keys.map(({ kid }) => kid));
    expect(new Set(kids).size).toBe(kids.length);
    for (const token of [cloudflare, iap])
      await expect(jwtVerify(token, createLocalJWKSet(own))).rejects.toThrow('no applicable key');
    for (const set of [own, rsa, jwks]) for (const key of set.keys) expect(key).not.toHaveProperty('d');
  });

  test('has no keys at those places where no app is told in that way', async () => {
    const { gateway } = await mirror(['easyauth']);
    for (const path of [
      '/.auth/cloudflare-access/cdn-cgi/access/certs',
      '/.auth/google-iap/public_key-jwk',
      '/.auth/google-iap/public_key',
    ])
      expect((await ask(gateway, path)).status).toBe(404);
  });

  test('keeps its keys over a restart', async () => {
    const { gateway, http, cookie } = await mirror(['cloudflare-access']);
    const path = '/.auth/cloudflare-access/cdn-cgi/access/certs';
    const before = await keysAt(gateway, path);
    const token = new Map(await http('/', {}, cookie)).get('cf-access-jwt-assertion') ?? '';
    const again = await gatewayWith({
      apps: [
        { name: 'sales', upstream: { hostname: '127.0.0.1', port: 1 }, profiles: ['cloudflare-access'] },
      ],
      options: { store: gateway.store },
    });
    const after = (await keysAt(again, path)) as JSONWebKeySet;
    expect(after).toEqual(before);
    await jwtVerify(token, createLocalJWKSet(after));
  });
});
