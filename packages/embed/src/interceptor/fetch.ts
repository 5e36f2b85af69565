import type { Credentials } from './credentials.ts';

/** `fetch` with the token on requests that match and bring no `Authorization` of their own. */
export function bearingFetch(original: typeof fetch, known: Credentials): typeof fetch {
  return async (input, init) => {
    const address = input instanceof Request ? input.url : input;
    if (!known.match(address)) return original(input, init);
    const request = new Request(input, init);
    if (request.headers.has('authorization')) return original(request);
    // Kept before the first try, which uses the body up.
    const spare = request.clone();
    // Without a token the request goes out as it is, and the answer says what is missing.
    const token = await known.token().catch(() => undefined);
    if (token === undefined) return original(request);
    const response = await original(bearing(request, token));
    const newer = response.status === 401 ? await known.renewed(token) : undefined;
    if (newer === undefined) return response;
    await response.body?.cancel();
    return original(bearing(spare, newer));
  };
}

function bearing(request: Request, token: string): Request {
  request.headers.set('Authorization', `Bearer ${token}`);
  return request;
}
