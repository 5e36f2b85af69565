import type { Reply } from '../http/reply.ts';
import type { Exchange } from './exchange.ts';

let dateSecond = 0;
let dateText = '';

/** RFC 9110 section 6.6.1; made once a second. */
function date(now: number): string {
  const second = Math.floor(now / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(now).toUTCString();
  }
  return dateText;
}

/** Sends a small answer of the gateway's own. */
export function sendReply(
  exchange: Exchange,
  reply: Reply & { readonly body: string | Uint8Array },
  now: number,
): void {
  const body =
    reply.body instanceof Uint8Array
      ? Buffer.from(reply.body.buffer, reply.body.byteOffset, reply.body.byteLength)
      : Buffer.from(reply.body.toString());
  const headers: string[] = [];
  for (const [name, value] of reply.headers) headers.push(name, value);
  headers.push('date', date(now));
  const bodyless = exchange.head.method === 'HEAD' || reply.status === 204 || reply.status === 304;
  if (reply.status !== 304 && reply.status !== 204) headers.push('content-length', String(body.length));
  exchange.respond({ status: reply.status, reason: '', headers, body: bodyless ? 'none' : 'length' });
  if (!bodyless) exchange.write(body);
  exchange.end();
}
