import { createHmac } from 'node:crypto';

/**
 * A value as Tornado signs its cookies, format 2: length-prefixed fields (key version, seconds, name, value in base64),
 * then HMAC-SHA256 in hex over all that stands before it. The name is signed too, so one cookie cannot pass for another.
 *
 * Source: `create_signed_value` in https://github.com/tornadoweb/tornado/blob/v6.5.0/tornado/web.py
 *
 * @param now - milliseconds since the epoch
 */
export function signedValue(secret: string, name: string, value: string, now: number): string {
  const fields = ['0', String(Math.floor(now / 1000)), name, Buffer.from(value, 'utf8').toString('base64')];
  const text = `2|${fields.map((field) => `${field.length}:${field}`).join('|')}|`;
  return text + createHmac('sha256', secret).update(text).digest('hex');
}
