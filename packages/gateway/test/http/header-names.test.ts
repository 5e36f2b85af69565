import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headerName, isIdentityHeader } from '../../src/http/header-names.ts';

/** What our own profiles, peer gateways and frameworks take for identity, or for where the request came from. */
const IDENTITY = [
  ...['Portico-Assertion', 'Portico-User', 'X-Portico-Anything'],
  ...['X-Forwarded-User', 'X-Forwarded-Email', 'X-Forwarded-Groups', 'X-Forwarded-Preferred-Username'],
  ...[
    'X-Forwarded-Access-Token',
    'X-Forwarded-For',
    'X-Forwarded-Proto',
    'X-Forwarded-Host',
    'X-Forwarded-Uri',
  ],
  ...['X-Forwarded-Port', 'X-Forwarded-Prefix', 'X-Forwarded-Method', 'Forwarded', 'X-Real-Ip'],
  ...[
    'X-Auth-Request-User',
    'X-Auth-Request-Email',
    'X-Auth-Request-Access-Token',
    'X-Auth-Request-Redirect',
  ],
  ...[
    'X-MS-Client-Principal',
    'X-MS-Client-Principal-Id',
    'X-MS-Client-Principal-Name',
    'X-MS-Client-Principal-Idp',
  ],
  ...['X-MS-Token-AAD-Access-Token', 'X-MS-Token-AAD-Id-Token', 'X-MS-Token-Google-Access-Token'],
  ...['Cf-Access-Authenticated-User-Email', 'Cf-Access-Jwt-Assertion', 'CF-Connecting-IP', 'True-Client-IP'],
  ...['X-Goog-Authenticated-User-Email', 'X-Goog-Authenticated-User-Id', 'X-Goog-IAP-JWT-Assertion'],
  ...[
    'Shiny-Server-Credentials',
    'Shiny-Server-Username',
    'RStudio-Connect-Credentials',
    'Posit-Connect-User',
  ],
  ...['Plotly-User-Data', 'X-Amzn-Oidc-Data', 'X-Amzn-Oidc-Identity', 'X-Amzn-Oidc-Accesstoken'],
  ...['X-Pomerium-Jwt-Assertion', 'X-Pomerium-Claim-Email', 'OIDC-Claim-Email', 'OIDC-Access-Token'],
  ...['Remote-User', 'X-Remote-User', 'X-Remote-Group', 'X-WebAuth-User', 'X-User', 'X-Email', 'X-Roles'],
  ...['X-Original-Url', 'X-Rewrite-Url', 'X-Script-Name', 'X-Scheme', 'Proxy', 'X-Request-Id'],
  ...['Script-Name', 'Path-Info', 'Bokeh-Session-Id'],
  ...[
    'X-Streamlit-User',
    'X-Authentik-Username',
    'X-Vouch-User',
    'Tailscale-User-Login',
    'X-Consumer-Username',
  ],
  ...['X-Credential-Identifier', 'X-Userinfo', 'X-Authenticated-Userid', 'Teleport-Jwt-Assertion'],
  ...['X-Jwt-Claim-Sub', 'X-Jwt-Payload', 'X-Endpoint-API-UserInfo', 'X-Apigateway-Api-Userinfo'],
  ...['X-SSL-Client-S-DN', 'SSL-Client-Verify', 'X-Client-Cert', 'X-Client-Cert-Dn', 'X-SSL-Cert'],
  ...['Kubeflow-Userid', 'SM_USER', 'SM_UNIVERSALID'],
];

const PLAIN = [
  ...[
    'X-Xsrftoken',
    'X-XSRF-TOKEN',
    'X-Requested-With',
    'Marimo-Server-Token',
    'Marimo-Session-Id',
    'X-CSRFToken',
  ],
  ...['X-CSRF-Token', 'Authorization', 'Accept', 'Accept-Encoding', 'Accept-Language', 'Accept-Charset'],
  ...[
    'Sec-Fetch-Mode',
    'Sec-Fetch-Site',
    'Sec-Fetch-Dest',
    'Sec-Fetch-User',
    'Sec-CH-UA',
    'Sec-CH-UA-Mobile',
  ],
  ...['Sec-CH-UA-Platform', 'Sec-GPC', 'Sec-Purpose', 'Sec-WebSocket-Key', 'Sec-WebSocket-Version'],
  ...['Sec-WebSocket-Protocol', 'Sec-WebSocket-Extensions', 'Range', 'If-Range', 'If-Match', 'If-None-Match'],
  ...[
    'If-Modified-Since',
    'If-Unmodified-Since',
    'Origin',
    'Referer',
    'User-Agent',
    'DNT',
    'Priority',
    'Pragma',
  ],
  ...['Cache-Control', 'Content-Type', 'Content-Encoding', 'Content-Language', 'Content-Disposition'],
  ...['Content-Range', 'Upgrade-Insecure-Requests', 'X-Jupyter-Kernel', 'X-Jupyter-Session'],
  ...['X-HTTP-Method-Override', 'X-Gradio-User', 'X-Streamlit-Locale', 'X-Shiny-Session', 'Last-Event-Id'],
  ...[
    'Traceparent',
    'Tracestate',
    'Baggage',
    'Access-Control-Request-Method',
    'Access-Control-Request-Headers',
  ],
];

const HOP = [
  ...['Connection', 'Keep-Alive', 'Proxy-Connection', 'Proxy-Authorization', 'Proxy-Authenticate', 'TE'],
  ...['Trailer', 'Transfer-Encoding', 'Upgrade', 'HTTP2-Settings', 'Expect'],
];

const sign = fc.constantFrom(..."!#$%&'*+.^_`|~-");

/** The name with other cases, and with any sign where it has one. */
function spelling(name: string): fc.Arbitrary<string> {
  const letters = [...name].map((letter) =>
    /[a-z0-9]/i.test(letter) ? fc.constantFrom(letter.toLowerCase(), letter.toUpperCase()) : sign,
  );
  return fc.tuple(...letters).map((spelled) => spelled.join(''));
}

describe('header names', () => {
  it('every spelling that some server may fold to an identity name is an identity name', () => {
    const any = fc.constantFrom(...IDENTITY).chain(spelling);
    fc.assert(
      fc.property(any, (name) => {
        expect(headerName(name)?.kind).toBe('identity');
        expect(isIdentityHeader(name)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    [
      'underscores (CVE-2025-64484)',
      ['X_Forwarded_User', 'X_Forwarded-Email', 'x_forwarded_for', 'REMOTE_USER'],
    ],
    ['dots (CVE-2026-88011)', ['X.Forwarded.User', 'x.forwarded-email', 'Portico.Assertion', 'Remote.User']],
    ['a forged outside address (CVE-2026-40575)', ['X-Forwarded-Uri', 'x-forwarded-uri', 'X_Forwarded_Uri']],
  ])('%s hide no identity', (_name, names) => {
    expect(names.map((name) => headerName(name)?.kind)).toEqual(names.map(() => 'identity'));
  });

  it.each(PLAIN)('%s passes', (name) => {
    expect(headerName(name)).toEqual({ lower: name.toLowerCase(), kind: 'plain' });
    expect(headerName(name.toLowerCase())?.kind).toBe('plain');
  });

  it.each(HOP)('%s belongs to one connection', (name) => {
    expect(headerName(name)?.kind).toBe('hop');
  });

  it('no other spelling of a header that frames a message or selects a site goes on', () => {
    const names = fc.constantFrom('Transfer-Encoding', 'Content-Length', 'Proxy-Authorization', 'Keep-Alive');
    fc.assert(
      fc.property(names.chain(spelling), (name) => {
        expect(headerName(name)?.kind).not.toBe('plain');
      }),
    );
    expect(['HOST', 'cookie', 'Content-Length'].map((name) => headerName(name)?.kind)).toEqual([
      'host',
      'cookie',
      'content-length',
    ]);
  });

  it('only a token is a name', () => {
    const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/;
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 12 }), (name) => {
        expect(headerName(name) !== undefined).toBe(TOKEN.test(name));
      }),
      { numRuns: 2_000 },
    );
    expect(headerName('x'.repeat(257))).toBeUndefined();
  });

  it('stays right when strangers invent more names than are remembered', () => {
    for (let i = 0; i < 5_000; i++) expect(headerName(`x-invented-${i}`)?.kind).toBe('plain');
    expect(headerName('X-Forwarded-User')?.kind).toBe('identity');
    expect(headerName('Accept')?.kind).toBe('plain');
  });
});
