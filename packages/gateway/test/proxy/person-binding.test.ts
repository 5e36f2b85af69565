import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Identity } from '../../src/core/types.ts';
import { headerName } from '../../src/http/header-names.ts';
import { headersOfToken } from '../../src/proxy/bokeh-token.ts';
import { PersonBinding } from '../../src/proxy/person-binding.ts';
import type { RequestHead } from '../../src/wire/request-head.ts';
import { person } from '../policy/sample.ts';
import { sessionToken } from './bokeh-session-token.ts';

const SIGNING = 'the secret that Bokeh signs with';
const ADA = person({ subject: 'ada', name: 'Ada' });
const BOB = person({ subject: 'bob', name: 'Bob' });
const binding = new PersonBinding({ secret: 'of this app', signingSecret: SIGNING });

/** Headers that Bokeh keeps of a page request of this person. */
function pageHeaders(identity: Identity | undefined, by = binding): Record<string, string> {
  const [name = '', value = ''] = by.line(identity).trim().split(': ');
  return { 'X-Forwarded-User': identity?.subject ?? 'nobody', [name]: value };
}

function requestHead(
  given: Partial<RequestHead> & { headers?: readonly (readonly [string, string])[] },
): RequestHead {
  const { headers = [], ...more } = given;
  const names = headers.map(([name]) => {
    const known = headerName(name);
    if (known === undefined) throw new Error(name);
    return known;
  });
  return {
    ...{
      method: 'GET',
      target: '/app',
      path: '/app',
      query: '',
      host: 'apps.example.com',
      cookie: undefined,
    },
    ...{ names, rawNames: headers.map(([name]) => name), values: headers.map(([, value]) => value) },
    ...{ framing: { kind: 'none' }, keepAlive: true, nominated: undefined, upgrade: undefined },
    ...{ expectsContinue: false, version: '1.1' },
    ...more,
  };
}

function opens(who: Identity | undefined, ...protocols: string[]): boolean {
  const headers = protocols.map((value) => ['Sec-WebSocket-Protocol', value] as const);
  return binding.refusal(requestHead({ headers, upgrade: 'websocket' }), true, who) === undefined;
}

describe('a session token of Bokeh', () => {
  const ofAda = sessionToken(pageHeaders(ADA), SIGNING);

  it('opens a WebSocket for whom its page was made, signed in anew or renamed since, and for nobody else', () => {
    expect(opens(ADA, `bokeh, ${ofAda}`)).toBe(true);
    expect(
      opens({ ...ADA, name: 'Ada Byron', roles: ['admin'], email: 'byron@example.com' }, `bokeh, ${ofAda}`),
    ).toBe(true);
    expect(opens(BOB, `bokeh, ${ofAda}`)).toBe(false);
    expect(opens({ ...ADA, issuer: 'https://elsewhere.example.com' }, `bokeh, ${ofAda}`)).toBe(false);
    expect(opens(undefined, `bokeh, ${ofAda}`)).toBe(false);
  });

  it('of a page in nobody’s name is nobody’s: a guest’s, and not of whoever signs in', () => {
    const guest = sessionToken(pageHeaders(undefined), SIGNING);
    expect(opens(undefined, `bokeh, ${guest}`)).toBe(true);
    expect(opens(ADA, `bokeh, ${guest}`)).toBe(false);
  });

  it('without a mark, with an empty one, with two, or with that of another app opens nothing', () => {
    const other = new PersonBinding({ secret: 'of another app', signingSecret: SIGNING });
    const marks = pageHeaders(ADA);
    const mark = marks['Portico-Binding'] ?? '';
    for (const headers of [
      {},
      { 'X-Forwarded-User': 'ada' },
      { 'Portico-Binding': '' },
      { 'Portico-Binding': `${mark} ` },
      { ...marks, 'portico-binding': mark },
      pageHeaders(ADA, other),
    ])
      expect(opens(ADA, `bokeh, ${sessionToken(headers, SIGNING)}`)).toBe(false);
    expect(opens(undefined, `bokeh, ${sessionToken({}, SIGNING)}`)).toBe(false);
  });

  it('that is not signed, or not by the app, opens nothing, also with a mark of one’s own', () => {
    const forged = { ...pageHeaders(BOB), 'X-Forwarded-User': 'ada' };
    expect(opens(BOB, `bokeh, ${sessionToken(forged)}`)).toBe(false);
    expect(opens(BOB, `bokeh, ${sessionToken(forged, 'a guess')}`)).toBe(false);
    const [, signature = ''] = ofAda.split('.');
    expect(opens(BOB, `bokeh, ${sessionToken(forged)}.${signature}`)).toBe(false);
    expect(opens(BOB, `bokeh, ${sessionToken(forged)}.`)).toBe(false);
  });

  it('is read from the only place where Bokeh looks for it', () => {
    const ofBob = sessionToken(pageHeaders(BOB), SIGNING);
    expect(opens(ADA, `bokeh,${ofAda}`)).toBe(true);
    for (const protocols of [
      ['bokeh'],
      [`bokeh, ${ofAda}, ${ofBob}`],
      [`bokeh, ${ofBob}`, `bokeh, ${ofAda}`],
      ['bokeh', ofAda],
      [`BOKEH, ${ofBob}`],
      [`\tbokeh, ${ofBob}`],
      [`bokeh, ${ofAda} `],
    ])
      expect([protocols, opens(ADA, ...protocols)]).toEqual([protocols, false]);
  });

  it('changed in any place opens nothing', () => {
    fc.assert(
      fc.property(fc.nat({ max: ofAda.length - 1 }), fc.constantFrom(...'AZaz09-_.'), (at, sign) => {
        fc.pre(ofAda[at] !== sign);
        const changed = ofAda.slice(0, at) + sign + ofAda.slice(at + 1);
        // The last sign of base64url carries bits that decode to nothing.
        fc.pre(
          !Buffer.from(changed.split('.')[1] ?? '', 'base64url').equals(signatureOf(ofAda)) ||
            at < ofAda.indexOf('.'),
        );
        return !opens(ADA, `bokeh, ${changed}`);
      }),
    );
  });

  it('whatever comes in its place opens nothing and breaks nothing, signed or not', () => {
    const unsigned = new PersonBinding({ secret: 'of this app' });
    const ask = (by: PersonBinding, value: string) =>
      by.refusal(requestHead({ headers: [['Sec-WebSocket-Protocol', value]] }), true, ADA);
    const json = fc.json().map((text) => Buffer.from(text).toString('base64url'));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          json,
          json.map((text) => `${text}.${text}`),
        ),
        (text) => {
          expect(ask(binding, `bokeh, ${text}`)).toBeDefined();
          expect(ask(unsigned, `bokeh, ${text}`)).toBeDefined();
        },
      ),
    );
    const bomb = deflateSync(Buffer.alloc(50_000_000)).toString('base64url');
    const token = Buffer.from(JSON.stringify({ session_id: 'x', __bk__zlib_: bomb })).toString('base64url');
    expect(headersOfToken(token, undefined)).toBeUndefined();
  });
});

function signatureOf(token: string): Buffer {
  return Buffer.from(token.split('.')[1] ?? '', 'base64url');
}

describe('an app that we did not start', () => {
  it('has its tokens bound too, as far as it signs them itself', () => {
    const unsigned = new PersonBinding({ secret: 'of this app' });
    const head = (token: string) => requestHead({ headers: [['Sec-WebSocket-Protocol', `bokeh, ${token}`]] });
    const token = sessionToken(pageHeaders(ADA, unsigned), 'its own secret');
    expect(unsigned.refusal(head(token), true, ADA)).toBeUndefined();
    expect(unsigned.refusal(head(token), true, BOB)).toBeDefined();
    expect(unsigned.refusal(head(sessionToken(pageHeaders(ADA, unsigned))), true, ADA)).toBeUndefined();
  });
});

describe('a request that names the Bokeh session that it wants', () => {
  const asks = (given: Partial<RequestHead>, by = binding) => by.refusal(requestHead(given), false, ADA);

  it.each([
    'bokeh-session-id=x',
    'bokeh-token=x',
    'a=1&bokeh-session-id=x',
    'a=1;bokeh-token=x',
    'bokeh%2Dtoken=x',
    '%62okeh-session-id=x',
    'bokeh-session-id',
    'Bokeh-Token=x',
    '+bokeh-token=x',
  ])('is refused: ?%s', (query) => {
    expect(asks({ query })).toBeDefined();
  });

  it('is refused where it may stand in the body of a GET', () => {
    expect(asks({ framing: { kind: 'length', length: 30 } })).toBeDefined();
    expect(asks({ framing: { kind: 'chunked' } })).toBeDefined();
    expect(asks({ method: 'POST', framing: { kind: 'length', length: 30 } })).toBeUndefined();
  });

  it('is none when it has other parameters', () => {
    for (const query of [
      '',
      'bokeh-autoload-element=1000&bokeh-app-path=/app',
      'x=bokeh-token',
      'v=%3D',
      'token=1',
    ])
      expect(asks({ query })).toBeUndefined();
  });

  it('goes on where the app is meant to be told, and its tokens are bound all the same', () => {
    const external = new PersonBinding({ secret: 'x', signingSecret: SIGNING, takesSessionIds: true });
    expect(asks({ query: 'bokeh-session-id=x' }, external)).toBeUndefined();
    const headers = [['Sec-WebSocket-Protocol', `bokeh, ${sessionToken({}, SIGNING)}`]] as const;
    expect(external.refusal(requestHead({ headers }), true, ADA)).toBeDefined();
  });
});

describe('a WebSocket of the app’s own', () => {
  it('needs no token of Bokeh, since Bokeh serves it nothing', () => {
    expect(opens(ADA)).toBe(true);
    expect(opens(ADA, 'chat')).toBe(true);
    expect(opens(ADA, 'chat, xbokehx')).toBe(false);
  });
});
