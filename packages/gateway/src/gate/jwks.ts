import type { AssertionKeys } from '../assertion/keys.ts';
import { json, type Reply } from '../http/reply.ts';

/** `GET /.auth/jwks.json`: the keys that verify an assertion. */
export async function jwksReply(keys: Pick<AssertionKeys, 'jwks'>): Promise<Reply> {
  return {
    ...json(200, await keys.jwks()),
    // A new key is published two hours before it signs.
    headers: [
      ['content-type', 'application/jwk-set+json'],
      ['cache-control', 'public, max-age=600'],
    ],
  };
}
