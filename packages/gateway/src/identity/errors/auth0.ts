import type { Entry } from './entry.ts';

const APPLICATIONS = 'In the Auth0 Dashboard, Applications, the application, Settings,';

export const AUTH0: readonly Entry[] = [
  {
    id: 'Callback URL mismatch.',
    vendor: 'Auth0',
    wayOn: 'redirect_uri_mismatch',
    when: { text: /Callback URL mismatch|is not in the list of allowed callback URLs/i },
    example: {
      error: 'unauthorized_client',
      text: 'Callback URL mismatch. The provided redirect_uri is not in the list of allowed callback URLs.',
    },
    happened: 'The redirect URI is not among the allowed callback URLs.',
    fix: `${APPLICATIONS} add it to Allowed Callback URLs, exactly as portico check prints it.`,
    link: 'https://auth0.com/docs/get-started/applications/application-settings#application-uris',
  },
  {
    id: 'Service not found',
    vendor: 'Auth0',
    wayOn: 'invalid_scope',
    when: { text: /Service not found:/ },
    example: { error: 'access_denied', text: 'Service not found: https://api.example.com' },
    happened: 'There is no API with the audience of the configuration.',
    fix: 'In the Auth0 Dashboard, Applications, APIs, copy the Identifier into audience, or leave audience out.',
    link: 'https://auth0.com/docs/get-started/apis/api-settings',
  },
  {
    id: 'Unknown client',
    vendor: 'Auth0',
    wayOn: 'invalid_client',
    when: { text: /Unknown client:/ },
    example: { error: 'invalid_request', text: 'Unknown client: 1234' },
    happened: 'The tenant has no application of this client_id.',
    fix: `${APPLICATIONS} copy Client ID, and compare domain with Domain.`,
    link: 'https://auth0.com/docs/get-started/applications/application-settings',
  },
  {
    id: 'Grant type ‘authorization_code’ not allowed for the client.',
    vendor: 'Auth0',
    wayOn: 'invalid_client',
    when: { text: /Grant type .authorization_code. not allowed for the client/ },
    example: {
      error: 'unauthorized_client',
      text: "Grant type 'authorization_code' not allowed for the client.",
    },
    happened: 'The application may not use the authorization code flow.',
    fix: `${APPLICATIONS} Advanced Settings, Grant Types, allow Authorization Code (and Refresh Token).`,
    link: 'https://auth0.com/docs/get-started/applications/application-grant-types',
  },
  {
    id: 'Please verify your email before logging in.',
    vendor: 'Auth0',
    wayOn: 'email_unverified',
    when: { text: /verify your e-?mail/i },
    example: { error: 'access_denied', text: 'Please verify your email before logging in.' },
    happened: 'An Action of the tenant wants a verified e-mail address.',
    fix: 'In the Auth0 Dashboard, User Management, Users, send the verification e-mail again.',
    link: 'https://auth0.com/docs/manage-users/user-accounts/verify-emails',
  },
  {
    id: 'user is blocked',
    vendor: 'Auth0',
    wayOn: 'account_not_allowed',
    when: { text: /\buser is blocked\b/i },
    example: { error: 'unauthorized', text: 'user is blocked' },
    happened: 'The account is blocked in the tenant.',
    fix: 'In the Auth0 Dashboard, User Management, Users, unblock it if that was not meant.',
    link: 'https://auth0.com/docs/manage-users/user-accounts/block-and-unblock-users',
  },
];
