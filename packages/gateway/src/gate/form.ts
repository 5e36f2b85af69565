import { GatewayError } from '../core/errors.ts';
import type { Exchange } from '../wire/exchange.ts';

const FORM = /^application\/x-www-form-urlencoded(?:\s*;|$)/i;

/**
 * The form that a request carries, for the gateway's own pages. A body that does not come is ended by the connection's
 * own clock.
 *
 * @param limit - bytes at most
 * @throws GatewayError `unsupported_media_type` (415), `form_too_large` (413), `client_gone` (400)
 */
export function readForm(exchange: Exchange, limit: number): Promise<URLSearchParams> {
  const { head } = exchange;
  const type = head.names.findIndex((name) => name.lower === 'content-type');
  if (!FORM.test((head.values[type] ?? '').trim()))
    return Promise.reject(refused('unsupported_media_type', 415, 'the request is not a form'));
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
        if (size <= limit) resolve(new URLSearchParams(Buffer.concat(chunks).toString('utf8')));
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
