import type { Entry } from './entry.ts';

const CODES = 'https://developer.okta.com/docs/api/openapi/okta-oauth/guides/overview/';

export const OKTA: readonly Entry[] = [
  {
    id: "The 'redirect_uri' parameter must be a Login redirect URI in the client app settings.",
    vendor: 'Okta',
    wayOn: 'redirect_uri_mismatch',
    when: { text: /'redirect_uri' parameter must be a Login redirect URI/ },
    example: {
      text: "The 'redirect_uri' parameter must be a Login redirect URI in the client app settings.",
    },
    happened: 'The redirect URI is not among the sign-in redirect URIs of the application.',
    fix: 'In the Okta Admin Console, Applications, General, add it to Sign-in redirect URIs, exactly as portico check prints it.',
    link: 'https://support.okta.com/help/s/article/openid-connect-oidc-redirect-uri',
  },
  {
    id: 'User is not assigned to the client application.',
    vendor: 'Okta',
    wayOn: 'account_not_allowed',
    when: { text: /User is not assigned to the client application/ },
    example: { error: 'access_denied', text: 'User is not assigned to the client application.' },
    happened: 'The person is not assigned to the application.',
    fix: 'In the Okta Admin Console, Applications, Assignments, assign the person or one of their groups.',
    link: CODES,
  },
  {
    id: 'Policy evaluation failed for this request, please check the policy configurations.',
    vendor: 'Okta',
    wayOn: 'account_not_allowed',
    when: { text: /Policy evaluation failed for this request/ },
    example: {
      error: 'access_denied',
      text: 'Policy evaluation failed for this request, please check the policy configurations.',
    },
    happened:
      'No rule of the authorization server’s access policies lets this person and these scopes through.',
    fix: 'In the Okta Admin Console, Security, API, the authorization server, Access Policies, add a policy and a rule for the application.',
    link: 'https://developer.okta.com/docs/guides/configure-access-policy/main/',
  },
  {
    id: 'One or more scopes are not configured for the authorization server resource.',
    vendor: 'Okta',
    wayOn: 'invalid_scope',
    when: { text: /scopes are not configured for the authorization server resource/ },
    example: {
      error: 'invalid_scope',
      text: 'One or more scopes are not configured for the authorization server resource.',
    },
    happened: 'The authorization server does not have one of the scopes.',
    fix: 'In the Okta Admin Console, Security, API, Scopes, add it; or name the right server in the configuration.',
    link: CODES,
  },
  {
    id: 'The client secret supplied for a confidential client is invalid.',
    vendor: 'Okta',
    wayOn: 'invalid_client',
    when: { text: /client secret supplied for a confidential client is invalid/ },
    example: {
      error: 'invalid_client',
      text: 'The client secret supplied for a confidential client is invalid.',
    },
    happened: 'The client secret is wrong or was made inactive.',
    fix: 'In the Okta Admin Console, Applications, General, Client Credentials, copy an active secret into client_secret.',
    link: CODES,
  },
];
