import { createHmac } from 'node:crypto';
import { deflateSync } from 'node:zlib';

const encoded = (bytes: string | Buffer): string => Buffer.from(bytes).toString('base64url');

function signature(text: string, secret: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url');
}

/** A session token as `bokeh/util/token.py` of Bokeh 3.9 makes it. @param secret - absent for an unsigned one */
export function sessionToken(headers: Readonly<Record<string, string>>, secret?: string): string {
  const id = 'A'.repeat(44);
  const base = encoded(
    JSON.stringify({
      session_id: secret === undefined ? id : `${id}.${signature(id, secret)}`,
      session_expiry: 4_000_000_000,
      __bk__zlib_: encoded(deflateSync(JSON.stringify({ headers, cookies: {}, arguments: {} }))),
    }),
  );
  return secret === undefined ? base : `${base}.${signature(base, secret)}`;
}
