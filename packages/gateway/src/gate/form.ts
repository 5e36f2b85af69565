import { GatewayError } from '../core/errors.ts';
import { isObject } from '../core/object.ts';
import type { Exchange } from '../wire/exchange.ts';

const FORM = /^application\/x-www-form-urlencoded(?:\s*;|$)/i;
const JSON_BODY = /^application\/json(?:\s*;|$)/i;

/**
 * The form that a request carries, for the gateway's own pages. A body that does not come is ended by the connection's
 * own clock.
 *
 * @param limit - bytes at most
 * @throws GatewayError `unsupported_media_type` (415), `form_too_large` (413), `client_gone` (400)
 */
export async function readForm(exchange: Exchange, limit: number): Promise<URLSearchParams> {
  if (!FORM.test(typeOf(exchange))) throw refused('unsupported_media_type', 415, 'the request is not a form');
  return new URLSearchParams(await readText(exchange, limit));
}

/**
 * The same, also for a JSON object of texts, as servers write it.
 *
 * @throws GatewayError as `readForm`, and `invalid_request` (400)
 */
export async function readFields(exchange: Exchange, limit: number): Promise<URLSearchParams> {
  if (!JSON_BODY.test(typeOf(exchange))) return readForm(exchange, limit);
  const fields = fieldsOf(await readText(exchange, limit));
  if (fields === undefined) throw refused('invalid_request', 400, 'the body is no JSON object of texts');
  return new URLSearchParams(fields);
}

function fieldsOf(text: string): Record<string, string> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const isPlain = isObject(value) && Object.values(value).every((field) => typeof field === 'string');
  return isPlain ? (value as Record<string, string>) : undefined;
}

function typeOf({ head }: Exchange): string {
  const at = head.names.findIndex((name) => name.lower === 'content-type');
  return (head.values[at] ?? '').trim();
}

function readText(exchange: Exchange, limit: number): Promise<string> {
  const { head } = exchange;
  if (head.framing.kind === 'length' && head.framing.length > limit) return Promise.reject(tooLarge(limit));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    exchange.onClose = () => reject(refused('client_gone', 400, 'the client left before its form was whole'));
    exchange.readBody({
      data(chunk) {
        size += chunk.length;
        if (size <= limit) chunks.push(chunk);
        else {
          chunks.length = 0;
          reject(tooLarge(limit));
        }
      },
      end() {
        exchange.onClose = undefined;
        if (size <= limit) resolve(Buffer.concat(chunks).toString('utf8'));
      },
    });
  });
}

function tooLarge(limit: number): GatewayError {
  return refused('form_too_large', 413, `the form is larger than ${limit} bytes`);
}

function refused(code: string, status: number, message: string): GatewayError {
  return new GatewayError(code, status, message, {
    publicMessage: 'The form could not be read.',
    publicHint: 'Go back, load the page again, and try once more.',
  });
}
