import { within } from './deadline.ts';
import { EmbedError } from './errors.ts';
import { urlOf } from './url.ts';

/** A place in the gateway where an app is, and what may be asked there with a token. */
export interface Gateway {
  /** A one-time code for an embedded session. */
  code(token: string): Promise<Grant>;
  /** The embedded session goes on as long as this newer token. */
  renew(token: string, handle: string): Promise<void>;
  /** The embedded session is over, its sockets too. */
  end(handle: string): Promise<void>;
  /** A ticket for one WebSocket. */
  ticket(token: string): Promise<string>;
}

export interface Grant {
  /** Address for the frame, good once and for a minute. */
  readonly start: URL;
  /** Names the session for `renew` and `end`; worth nothing without a token of the same person. */
  readonly handle: string;
}

const TIMEOUT_MS = 20_000;
const CODE = /^[a-z][a-z_]{0,63}$/;

/** What a status means for the page, with the gateway's own code where it gave one. */
function refusal(status: number, code: string | undefined): EmbedError {
  if (status === 401)
    return new EmbedError(code ?? 'token_refused', 'The gateway does not accept the token.', 'sign_in');
  if (status === 403) return new EmbedError(code ?? 'forbidden', 'This person or page may not open the app.');
  if (status >= 500) return new EmbedError(code ?? 'unavailable', 'The gateway cannot answer now.', 'wait');
  return new EmbedError(code ?? 'refused', `The gateway refused with status ${status}.`);
}

async function answerOf(response: Response): Promise<Record<string, unknown>> {
  const body: unknown = await response.json().catch(() => undefined);
  return typeof body === 'object' && body !== null ? { ...body } : {};
}

/**
 * Everything here says no more to the gateway than it needs: no cookie, no address with a token in it, and nothing to
 * another address than the gateway's.
 *
 * @param origin - of the gateway
 * @param app - its name in the configuration
 * @param send - `fetch` as the page found it, before anybody changed it
 */
export function gatewayAt(origin: string, app: string, send: typeof fetch = fetch.bind(globalThis)): Gateway {
  const ask = async (
    what: string,
    fields: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Record<string, unknown>> => {
    const request = send(`${origin}/.auth/embed/${what}`, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers,
      mode: 'cors',
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
      // A page that signs out goes away at once.
      keepalive: what === 'end',
    }).catch(() => {
      throw new EmbedError('unreachable', 'The gateway did not answer, or does not allow this page.', 'wait');
    });
    const response = await within(TIMEOUT_MS, request);
    const answer = await within(TIMEOUT_MS, answerOf(response));
    if (response.ok) return answer;
    const { error } = answer;
    throw refusal(response.status, typeof error === 'string' && CODE.test(error) ? error : undefined);
  };
  // With the token in the body (RFC 6750 section 2.2) the browser does not ask first: one round trip less to the app.
  const asked = (what: string, token: string, fields: Readonly<Record<string, string>>) =>
    ask(what, { ...fields, access_token: token });

  return {
    async code(token) {
      const { start, handle } = await asked('code', token, { app, origin: location.origin });
      const url = urlOf(start);
      if (url?.origin !== origin || typeof handle !== 'string')
        throw new EmbedError('bad_answer', 'The gateway’s answer was not understood.');
      return { start: url, handle };
    },
    async renew(token, handle) {
      await asked('renew', token, { handle });
    },
    async end(handle) {
      await ask('end', { handle });
    },
    async ticket(token) {
      const { ticket } = await ask('ticket', { app }, { Authorization: `Bearer ${token}` });
      if (typeof ticket === 'string' && ticket !== '') return ticket;
      throw new EmbedError('bad_answer', 'The gateway gave no ticket.');
    },
  };
}
