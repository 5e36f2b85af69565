import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Identity, SessionEnd } from '../../src/core/types.ts';
import type { RequestFacts, RequestKind } from '../../src/http/facts.ts';
import { authorize } from '../../src/policy/permit.ts';
import { LiveSession } from '../../src/session/live.ts';
import { open, person, policy } from './sample.ts';

const ORIGIN = 'https://apps.example.com';

function facts(
  spec: { method?: string; kind?: RequestKind; path?: string; headers?: Record<string, string> } = {},
) {
  const headers = spec.headers ?? {};
  return {
    requestId: 'r',
    method: spec.method ?? 'GET',
    kind: spec.kind ?? 'data',
    origin: ORIGIN,
    path: spec.path ?? '/',
    query: '',
    clientAddress: '192.0.2.1',
    header: (name) => headers[name],
  } satisfies RequestFacts;
}

function live(identity: Identity = person(), ended?: SessionEnd): LiveSession {
  const times = { createdAt: 0, expiresAt: 1, lastSeenAt: 0 };
  const session = new LiveSession('key', { sid: 's', identity, tokens: {}, ...times }, 'v');
  session.ended = ended;
  return session;
}

const FOREIGN = [
  undefined,
  '',
  'null',
  'https://apps.example.com.evil.com',
  'https://apps.example.co',
  'https://apps.example.com:8443',
  'https://apps.example.com/',
  'http://apps.example.com',
  'https://sub.apps.example.com',
  'https://example.com',
  'HTTPS://APPS.EXAMPLE.COM',
  'https://apps.example.com, https://evil.com',
  'https://apps.example.com, https://apps.example.com',
  'https://evil.com',
];

function headersOf(origin: string | undefined, site?: string): Record<string, string> {
  return {
    ...(origin === undefined ? {} : { origin }),
    ...(site === undefined ? {} : { 'sec-fetch-site': site }),
  };
}

describe('authorize', () => {
  it('asks for sign-in without a session, whatever the kind, the method or the User-Agent (CVE-2026-34457)', () => {
    for (const kind of ['page', 'data', 'upgrade'] as const)
      for (const method of ['GET', 'HEAD', 'OPTIONS', 'POST', 'DELETE', 'PURGE'])
        for (const agent of ['GoogleHC/1.0', 'kube-probe/1.30', 'ELB-HealthChecker/2.0', 'Mozilla/5.0'])
          expect(
            authorize(
              policy(),
              undefined,
              facts({ kind, method, headers: { 'user-agent': agent, origin: ORIGIN } }),
            ),
          ).toMatchObject({ kind: 'login', code: 'login_required' });
  });

  it('takes an ended session for none', () => {
    for (const end of ['sign-out', 'expired', 'idle', 'revoked'] as const)
      expect(authorize(policy(), live(person(), end), facts()).kind).toBe('login');
  });

  it('gives a permit with the app and the session to who may enter', () => {
    const session = live();
    const sales = policy();
    expect(authorize(sales, session, facts())).toEqual({
      kind: 'permit',
      app: sales.app,
      live: session,
      reason: 'everyone who is signed in may enter',
    });
  });

  it('refuses who may not enter, with the reason', () => {
    expect(authorize(policy({ allow: ['role:x'] }), live(), facts())).toEqual({
      kind: 'deny',
      code: 'forbidden',
      reason: 'needs role x; ada@example.com has no roles and no groups',
    });
  });
});

describe('a session’s cookie', () => {
  it('opens a WebSocket only to pages of exactly this origin (CVE-2026-21883)', () => {
    for (const origin of FOREIGN)
      for (const site of [undefined, 'same-origin', 'same-site', 'none', 'cross-site'])
        expect(
          authorize(policy(), live(), facts({ kind: 'upgrade', headers: headersOf(origin, site) })),
        ).toMatchObject({ kind: 'deny', code: 'cross_origin' });
    expect(authorize(policy(), live(), facts({ kind: 'upgrade', headers: { origin: ORIGIN } })).kind).toBe(
      'permit',
    );
  });

  it('authorises an unsafe method only from pages of this origin', () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'PURGE', 'get', 'TRACE']) {
      for (const origin of FOREIGN)
        for (const site of [
          undefined,
          'same-site',
          'none',
          'cross-site',
          'same-origin, same-origin',
          'Same-Origin',
        ])
          expect(
            authorize(policy(), live(), facts({ method, headers: headersOf(origin, site) })),
          ).toMatchObject({ kind: 'deny', code: 'cross_origin' });
      expect(authorize(policy(), live(), facts({ method, headers: { origin: ORIGIN } })).kind).toBe('permit');
      const fetched = { 'sec-fetch-site': 'same-origin' };
      expect(authorize(policy(), live(), facts({ method, headers: fetched })).kind).toBe('permit');
    }
  });

  it('lets safe methods come from anywhere, since links do', () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS'])
      expect(
        authorize(policy(), live(), facts({ method, headers: headersOf('https://evil.com', 'cross-site') }))
          .kind,
      ).toBe('permit');
  });

  it('is not spent on a forged request to a public path: that goes on in nobody’s name', () => {
    const health = policy({ rules: [open('/hook')] });
    const session = live();
    const forged = headersOf('https://evil.com', 'cross-site');
    expect(
      authorize(health, session, facts({ path: '/hook', method: 'POST', headers: forged })),
    ).toMatchObject({
      kind: 'permit',
      live: undefined,
    });
    expect(
      authorize(health, session, facts({ path: '/hook', kind: 'upgrade', headers: forged })),
    ).toMatchObject({
      kind: 'permit',
      live: undefined,
    });
    const own = facts({ path: '/hook', method: 'POST', headers: { origin: ORIGIN } });
    expect(authorize(health, session, own)).toMatchObject({ kind: 'permit', live: session });
  });

  it('never gives a permit in somebody’s name to an origin that is not this one', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.constantFrom('POST', 'PUT', 'DELETE'),
        (before, after, method) => {
          fc.pre(before !== '' || after !== '');
          const headers = { origin: `${before}${ORIGIN}${after}`, 'sec-fetch-site': 'same-site' };
          const http = authorize(policy(), live(), facts({ method, headers }));
          return (
            http.kind === 'deny' &&
            authorize(policy(), live(), facts({ kind: 'upgrade', headers })).kind === 'deny'
          );
        },
      ),
    );
  });

  it('needs no origin for what a token authenticates, and permits nothing more than policy does', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('GET', 'POST', 'DELETE'),
        fc.constantFrom<RequestKind>('page', 'data', 'upgrade'),
        fc.constantFrom(...FOREIGN, ORIGIN),
        fc.boolean(),
        (method, kind, origin, may) => {
          const who = live(person(may ? {} : { roles: [], groups: [], email: 'x@elsewhere.example' }));
          const asked = {
            ...facts({ method, kind, headers: origin === undefined ? {} : { origin } }),
            byToken: true,
          };
          const own = facts({ method, kind, headers: { origin: ORIGIN } });
          return authorize(policy(), who, asked).kind === authorize(policy(), who, own).kind;
        },
      ),
    );
    expect(authorize(policy(), undefined, { ...facts(), byToken: true }).kind).toBe('login');
    expect(authorize(policy(), live(person(), 'revoked'), { ...facts(), byToken: true }).kind).toBe('login');
  });
});
