import { createHmac, timingSafeEqual } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { isObject } from '../core/object.ts';

/** Under this key Bokeh puts what it compresses: `bokeh/util/token.py` of Bokeh 3.9. */
const COMPRESSED = '__bk__zlib_';
/** Bytes; the headers that a page was asked with fit many times over. */
const LARGEST = 512 * 1024;
const SIGNED = /^([\w-]+)\.([\w-]+)$/;
const UNSIGNED = /^[\w-]+$/;

/**
 * The headers of the page request for which Bokeh made a session token, as the token tells them; `undefined` for what is
 * no token of that server.
 *
 * @param signingSecret - Bokeh's `BOKEH_SECRET_KEY`; without it the signature, if any, is not looked at
 */
export function headersOfToken(
  token: string,
  signingSecret: string | undefined,
): Readonly<Record<string, unknown>> | undefined {
  const [, base = '', signature = ''] = SIGNED.exec(token) ?? [];
  if (signingSecret !== undefined && !isSigned(base, signature, signingSecret)) return undefined;
  try {
    const outer = parsed(Buffer.from(UNSIGNED.test(token) ? token : base, 'base64url'));
    const packed = outer[COMPRESSED];
    const inner =
      typeof packed === 'string'
        ? parsed(inflateSync(Buffer.from(packed, 'base64url'), { maxOutputLength: LARGEST }))
        : {};
    // What was compressed wins, as in Bokeh.
    const headers = inner['headers'] ?? outer['headers'];
    return isObject(headers) ? headers : {};
  } catch {
    return undefined;
  }
}

function isSigned(base: string, signature: string, secret: string): boolean {
  const expected = createHmac('sha256', secret).update(base).digest();
  const given = Buffer.from(signature, 'base64url');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function parsed(bytes: Buffer): Record<string, unknown> {
  const value: unknown = JSON.parse(bytes.toString());
  if (!isObject(value)) throw new TypeError('no object');
  return value;
}
