/** What the API said to the person who looks, or why it said nothing. */
type ApiAnswer =
  | {
      readonly as: string;
      readonly regions: readonly { readonly region: string; readonly revenue: number }[];
      /** When the access token was issued that opened it, and until when it is good; ISO 8601. */
      readonly issuedAt: string;
      readonly expiresAt: string;
    }
  | { readonly problem: string };

/** Asks the API for the person of an assertion, however old that is: it only has to be of a session that lives. */
export type AskApi = (assertion: string) => Promise<ApiAnswer>;

interface ApiOptions {
  /** Where this app reaches the gateway. */
  readonly gatewayUrl: string;
  /** Name and credential of this app. */
  readonly app: string;
  readonly secret: string;
}

/** Milliseconds that the gateway and the API may take together. */
const PATIENCE = 15_000;

/** Calls the API named `graph` through the gateway, which attaches the person's token: this app never has one. */
export function apiReader({ gatewayUrl, app, secret }: ApiOptions): AskApi {
  const authorization = `Basic ${Buffer.from(`${app}:${secret}`).toString('base64')}`;
  const get = async (path: string, assertion: string): Promise<Record<string, unknown>> => {
    const response = await fetch(`${gatewayUrl}/.auth/api/graph${path}`, {
      headers: { authorization, 'portico-assertion': assertion },
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE),
    });
    const body = (await response.json()) as Record<string, unknown>;
    if (response.ok) return body;
    // In the gateway's words, or else in the API's.
    const said = body['error_description'] ?? (body['error'] as { message?: unknown } | undefined)?.message;
    throw new Refusal(typeof said === 'string' ? said : `The API answered ${response.status}.`);
  };
  return async (assertion) => {
    try {
      const [me, reports] = await Promise.all([get('/me', assertion), get('/reports', assertion)]);
      const token = reports['token'] as { issuedAt: string; expiresAt: string };
      return {
        as: String(me['displayName']),
        regions: reports['value'] as { region: string; revenue: number }[],
        issuedAt: token.issuedAt,
        expiresAt: token.expiresAt,
      };
    } catch (problem) {
      return { problem: problem instanceof Refusal ? problem.message : 'The gateway does not answer.' };
    }
  };
}

class Refusal extends Error {}
