import { GatewayError } from '../core/errors.ts';

/**
 * RFC 6749 section 7.1: a token of a type that the client does not know is not used. The OAuth client also lets `dpop`
 * through (RFC 9449); nobody here asked for it, and as a bearer token it would be good for nothing.
 *
 * @param provider - name in the configuration
 * @throws GatewayError `sign_in_refused` (400)
 */
export function requireBearer(provider: string, tokens: { readonly token_type: string }): void {
  if (tokens.token_type.toLowerCase() === 'bearer') return;
  throw new GatewayError(
    'sign_in_refused',
    400,
    `provider "${provider}" gave an access token that is not of type Bearer`,
  );
}
