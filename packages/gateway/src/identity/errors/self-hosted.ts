import type { Entry } from './entry.ts';

const KEYCLOAK = 'https://www.keycloak.org/docs/latest/server_admin/#_oidc_clients';
const GITLAB = 'https://docs.gitlab.com/integration/oauth_provider/';
const VALID_URIS = 'In the Keycloak Admin Console, Clients, the client, Settings,';

/** Keycloak and GitLab, whose words are the same wherever they run. */
export const SELF_HOSTED: readonly Entry[] = [
  {
    id: 'Invalid parameter: redirect_uri',
    vendor: 'Keycloak',
    wayOn: 'redirect_uri_mismatch',
    when: { text: /Invalid parameter: redirect_uri/ },
    example: { text: 'Invalid parameter: redirect_uri' },
    happened: 'The redirect URI is not among the valid ones of the client.',
    fix: `${VALID_URIS} add it to Valid redirect URIs, exactly as portico check prints it.`,
    link: KEYCLOAK,
  },
  {
    id: 'Client not found.',
    vendor: 'Keycloak',
    wayOn: 'invalid_client',
    when: { text: /\bClient not found\b/ },
    example: { text: 'Client not found.' },
    happened: 'The realm has no client of this client_id, or it is disabled.',
    fix: 'Compare client_id and realm with Clients in the Keycloak Admin Console; the client must be enabled.',
    link: KEYCLOAK,
  },
  {
    id: 'Invalid client or Invalid client credentials',
    vendor: 'Keycloak',
    wayOn: 'invalid_client',
    when: { text: /Invalid client(?: or Invalid client)? credentials|Invalid client secret/ },
    example: { error: 'unauthorized_client', text: 'Invalid client or Invalid client credentials' },
    happened: 'The client secret is wrong, or the client authenticates in another way.',
    fix: 'In the Keycloak Admin Console, Clients, the client, Credentials, choose Client Id and Secret and copy Client Secret.',
    link: KEYCLOAK,
  },
  {
    id: 'Code not valid',
    vendor: 'Keycloak',
    wayOn: 'sign_in_refused',
    when: { text: /\bCode not valid\b/ },
    example: { error: 'invalid_grant', text: 'Code not valid' },
    happened: 'The code was used before or has expired.',
    fix: 'Start again. If it happens to everybody, look at Realm settings, Tokens, Client Login Timeout, and whether all nodes share their cache.',
    link: KEYCLOAK,
  },
  {
    id: 'The redirect URI included is not valid.',
    vendor: 'GitLab',
    wayOn: 'redirect_uri_mismatch',
    when: { text: /redirect uri included is not valid/i },
    example: { error: 'invalid_redirect_uri', text: 'The redirect URI included is not valid.' },
    happened: 'The redirect URI is not one of the application’s.',
    fix: 'In GitLab, Applications, edit the application and add it under Redirect URI, exactly as portico check prints it.',
    link: GITLAB,
  },
  {
    id: 'Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.',
    vendor: 'GitLab',
    wayOn: 'invalid_client',
    when: { text: /Client authentication failed due to unknown client/ },
    example: {
      error: 'invalid_client',
      text: 'Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.',
    },
    happened: 'Application ID or secret is wrong.',
    fix: 'In GitLab, Applications, copy Application ID, renew the secret, and put both into the configuration.',
    link: GITLAB,
  },
  {
    id: 'The requested scope is invalid, unknown, or malformed.',
    vendor: 'GitLab',
    wayOn: 'invalid_scope',
    when: { text: /requested scope is invalid, unknown, or malformed/ },
    example: { error: 'invalid_scope', text: 'The requested scope is invalid, unknown, or malformed.' },
    happened: 'The application was not given one of the scopes.',
    fix: 'In GitLab, Applications, tick openid, profile and email.',
    link: GITLAB,
  },
];
