import { CLIENT_SECRET, type TestGateway } from '../login/gateway.ts';

interface Granted {
  readonly status: number;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly scope: string;
  readonly expiresIn: number;
  readonly error: string | undefined;
}

/** The refresh token of the last sign-in. */
export function refreshTokenOf(gateway: TestGateway): string {
  const event = gateway.events.findLast(({ kind }) => kind === 'sign-in');
  if (event?.kind !== 'sign-in') throw new Error('nobody signed in');
  return event.session.tokens.refreshToken ?? '';
}

/** One request to the token endpoint of the development provider, as the gateway makes it. */
export async function refreshed(
  gateway: TestGateway,
  refreshToken: string,
  wanted: { resource?: string; scope?: string } = {},
): Promise<Granted> {
  const response = await fetch(`${gateway.dev.issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`portico:${CLIENT_SECRET}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken, ...wanted }),
  });
  const body = (await response.json()) as Record<string, string | number | undefined>;
  return {
    status: response.status,
    accessToken: String(body['access_token']),
    refreshToken: String(body['refresh_token']),
    scope: String(body['scope'] ?? ''),
    expiresIn: Number(body['expires_in']),
    error: body['error'] as string | undefined,
  };
}

export interface GraphAnswer {
  readonly status: number;
  readonly challenge: string | null;
  readonly body: {
    readonly [name: string]: unknown;
    readonly token: { readonly id: string; readonly issuedAt: string; readonly expiresAt: string };
    readonly error: { readonly code: string };
  };
}

/** One request to the small Graph. */
export async function askGraph(
  gateway: TestGateway,
  path: string,
  accessToken?: string,
  method = 'GET',
): Promise<GraphAnswer> {
  const response = await fetch(`${gateway.dev.issuer}/graph/v1.0${path}`, {
    method,
    headers: accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` },
  });
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate'),
    body: (await response.json()) as GraphAnswer['body'],
  };
}
