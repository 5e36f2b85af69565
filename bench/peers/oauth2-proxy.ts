import { readFileSync } from 'node:fs';
import { client } from '../lib/client.ts';
import { buildOauth2Proxy, root, versionOf } from '../lib/tools.ts';
import type { Peer } from './peer.ts';

let program = '';

/** oauth2-proxy as it comes: the session in an encrypted cookie, identity headers on; logs off. */
export const oauth2Proxy: Peer = {
  name: 'oauth2-proxy',
  title: 'oauth2-proxy, live session',
  session: {
    redirectUri: (port) => `http://127.0.0.1:${port}/oauth2/callback`,
    tellsApp: ['x-forwarded-user', 'x-forwarded-email'],
  },
  install() {
    const built = buildOauth2Proxy();
    if (built === undefined) return undefined;
    program = built;
    const pinned = /oauth2-proxy\/v7 (v\S+)/.exec(
      readFileSync(`${root}/bench/oauth2-proxy/go.mod`, 'utf8'),
    )?.[1];
    const go = /go[\d.]+/.exec(versionOf(program, ['--version']))?.[0];
    return `${pinned} (${go})`;
  },
  launch({ port, backendPort, issuer }) {
    const flags = {
      provider: 'oidc',
      'oidc-issuer-url': issuer,
      'client-id': client.id,
      'client-secret': client.secret,
      'code-challenge-method': 'S256',
      'cookie-secret': '0123456789abcdef0123456789abcdef',
      'cookie-secure': 'false',
      'email-domain': '*',
      'http-address': `127.0.0.1:${port}`,
      'redirect-url': `http://127.0.0.1:${port}/oauth2/callback`,
      upstream: `http://127.0.0.1:${backendPort}`,
      'skip-provider-button': 'true',
      'request-logging': 'false',
      'auth-logging': 'false',
    };
    return {
      argv: [program, ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`)],
      env: { GOMAXPROCS: '1' },
    };
  },
};
