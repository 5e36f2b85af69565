import { GatewayError } from '../core/errors.ts';
import type { RequestHead } from '../wire/request-head.ts';

/** Also where something else than a space follows: then it is malformed, and not none. */
const SCHEME = /^bearer(?:[^\w-]|$)/i;
/** RFC 9110 section 11.1: the scheme in any case, spaces, then token68. */
const CREDENTIALS = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i;
const IN_QUERY = /(?:^|&)access_token(?:=|&|$)/;

/**
 * The bearer token of a request, or `undefined` when it has none: then its cookie counts. Only the header is looked at, since
 * addresses end in logs and histories.
 *
 * @throws GatewayError `invalid_request` (400) for several, or one that is malformed (RFC 6750 section 3.1)
 */
export function bearerToken(head: Pick<RequestHead, 'names' | 'values' | 'query'>): string | undefined {
  let value: string | undefined;
  let count = 0;
  for (let i = 0; i < head.names.length; i++) {
    if (head.names[i]?.lower !== 'authorization') continue;
    count++;
    const given = head.values[i] as string;
    if (value === undefined || SCHEME.test(given)) value = given;
  }
  if (value === undefined || !SCHEME.test(value)) return undefined;
  const token = CREDENTIALS.exec(value)?.[1];
  if (token !== undefined && count === 1 && !IN_QUERY.test(head.query)) return token;
  throw new GatewayError(
    'invalid_request',
    400,
    'A request brings several bearer tokens, or one that is malformed',
    { publicMessage: 'The request must carry one token, in one header.' },
  );
}
