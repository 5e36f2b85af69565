import type { Entry } from './entry.ts';

const LINK = 'https://developers.google.com/identity/protocols/oauth2/web-server#authorization-errors';
const CLIENTS = 'In the Google Cloud console, Google Auth Platform, Clients,';

export const GOOGLE: readonly Entry[] = [
  {
    id: 'Google redirect_uri_mismatch',
    vendor: 'Google',
    wayOn: 'redirect_uri_mismatch',
    when: { text: /Error 400: redirect_uri_mismatch/ },
    example: { text: 'Error 400: redirect_uri_mismatch' },
    happened: 'The redirect URI is not among the authorized ones of the client.',
    fix: `${CLIENTS} add our redirect URI to Authorized redirect URIs, exactly as portico check prints it.`,
    link: LINK,
  },
  {
    id: 'org_internal',
    vendor: 'Google',
    wayOn: 'account_not_allowed',
    when: { text: /\borg_internal\b/ },
    example: { error: 'access_denied', text: 'Error 403: org_internal' },
    happened: 'The application is for the accounts of one Google Cloud organization only.',
    fix: 'In Google Auth Platform, Audience, choose External, or let only accounts of the organization sign in.',
    link: LINK,
  },
  {
    id: 'admin_policy_enforced',
    vendor: 'Google',
    wayOn: 'consent_required',
    when: { text: /\badmin_policy_enforced\b/ },
    example: { error: 'access_denied', text: 'Error 400: admin_policy_enforced' },
    happened: 'The Workspace administrator does not allow this application or one of its scopes.',
    fix: 'In the Google Workspace Admin console, Security, API controls, trust the client_id.',
    link: LINK,
  },
  {
    id: 'deleted_client',
    vendor: 'Google',
    wayOn: 'invalid_client',
    when: { text: /\bdeleted_client\b/ },
    example: { text: 'Error 401: deleted_client' },
    happened: 'The OAuth client was deleted.',
    fix: `${CLIENTS} make a new client, or restore the old one, and put its ID and secret into the configuration.`,
    link: LINK,
  },
  {
    id: 'The OAuth client was not found.',
    vendor: 'Google',
    wayOn: 'invalid_client',
    when: { text: /The OAuth client was not found/ },
    example: { error: 'invalid_client', text: 'The OAuth client was not found.' },
    happened: 'Google does not know this client_id.',
    fix: `${CLIENTS} copy the Client ID again; it ends in .apps.googleusercontent.com.`,
    link: LINK,
  },
];
