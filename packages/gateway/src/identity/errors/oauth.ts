import type { Entry } from './entry.ts';

const RFC = 'https://www.rfc-editor.org/rfc/rfc6749';
const AUTHORIZATION = `${RFC}#section-4.1.2.1`;
const TOKEN = `${RFC}#section-5.2`;
const INTERACTION = 'https://openid.net/specs/openid-connect-core-1_0.html#AuthError';

const standard = (
  error: string,
  wayOn: Entry['wayOn'],
  happened: string,
  fix: string,
  link: string,
): Entry => ({
  id: error,
  vendor: 'Any provider',
  wayOn,
  when: { error: [error] },
  example: { error },
  happened,
  fix,
  link,
});

/** The words of the standards, which mean the same at every provider. */
export const OAUTH: readonly Entry[] = [
  {
    id: 'redirect_uri_mismatch',
    vendor: 'Any provider',
    wayOn: 'redirect_uri_mismatch',
    when: {
      text: /redirect[_ ]?ur[il][^.]{0,60}(?:mismatch|not match|invalid|not (?:valid|registered|allowed|associated))|(?:invalid|mismatch\w*|unregistered|not registered|unknown)[^.]{0,20}redirect[_ ]?ur[il]|redirect_uri_mismatch/i,
    },
    example: {
      error: 'invalid_request',
      text: "redirect_uri did not match any of the client's registered redirect_uris",
    },
    happened: 'The redirect URI is not registered for this client.',
    fix: 'Register it at the provider, exactly as portico check prints it. Scheme, port and a slash at the end count.',
    link: `${RFC}#section-3.1.2.3`,
  },
  standard(
    'invalid_client',
    'invalid_client',
    'The provider does not accept client_id and client_secret, or not the way in which they are sent.',
    'Copy both from the provider again. Look whether the secret has expired, and whether the client is confidential.',
    TOKEN,
  ),
  standard(
    'unauthorized_client',
    'invalid_client',
    'This client may not use the authorization code flow.',
    'At the provider, allow the client the grant authorization_code (and refresh_token).',
    AUTHORIZATION,
  ),
  standard(
    'unsupported_response_type',
    'invalid_client',
    'The provider does not answer this client with a code.',
    'At the provider, allow the client the response type code.',
    AUTHORIZATION,
  ),
  standard(
    'unsupported_grant_type',
    'invalid_client',
    'The token endpoint does not redeem codes.',
    'At the provider, allow the grant authorization_code; for oauth2, compare token_url with the documentation.',
    TOKEN,
  ),
  standard(
    'invalid_scope',
    'invalid_scope',
    'The provider does not offer one of the scopes, or not to this client.',
    'Compare scope in the configuration with what the client was given at the provider.',
    AUTHORIZATION,
  ),
  standard(
    'invalid_target',
    'invalid_scope',
    'The provider does not know the resource or audience of an API, or gives no token for it to this client or sign-in.',
    'Compare resource of the API with its identifier at the provider. Who signed in before the API was declared has to sign in again.',
    'https://www.rfc-editor.org/rfc/rfc8707#section-2',
  ),
  standard(
    'access_denied',
    'access_denied',
    'The person cancelled, or the provider does not let them in.',
    'Look into the provider’s own log if it was not the person’s wish.',
    AUTHORIZATION,
  ),
  standard(
    'consent_required',
    'consent_required',
    'Nobody has consented to what this site asks for.',
    'Let an administrator grant consent at the provider, or leave prompt: none out of the configuration.',
    INTERACTION,
  ),
  {
    ...standard(
      'interaction_required',
      'interaction_required',
      'The provider has to ask something, and the configuration forbids it to.',
      'Leave prompt: none out of the configuration of the provider.',
      INTERACTION,
    ),
    when: { error: ['interaction_required', 'account_selection_required'] },
  },
  standard(
    'login_required',
    'interaction_required',
    'The person is not signed in at the provider, and the configuration forbids it to ask.',
    'Leave prompt: none out of the configuration of the provider.',
    INTERACTION,
  ),
  standard(
    'invalid_grant',
    'sign_in_refused',
    'The code was used before, has expired, or belongs to another sign-in.',
    'Start again. If it happens to everybody, compare the clock of this machine with the real time.',
    TOKEN,
  ),
  standard(
    'invalid_request',
    'sign_in_refused',
    'The provider does not understand a parameter of the request.',
    'Look at extra_params and scope in the configuration; the provider’s description is in this line of the log.',
    AUTHORIZATION,
  ),
  {
    ...standard(
      'temporarily_unavailable',
      'provider_unreachable',
      'The provider has trouble of its own.',
      'Wait, and look at its status page.',
      AUTHORIZATION,
    ),
    when: { error: ['temporarily_unavailable', 'server_error'] },
  },
];
