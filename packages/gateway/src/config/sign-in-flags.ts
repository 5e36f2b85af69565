import { type Option, option, SERVING } from './option.ts';

const signIn = (spec: Omit<Parameters<typeof option>[0], 'group' | 'commands'>): Option =>
  option({ ...spec, group: 'Sign-in', commands: SERVING });

/** Options of sign-in. Their names and meanings are those of `panel serve` where that has them. */
export const SIGN_IN_OPTIONS: readonly Option[] = [
  signIn({
    name: 'dev',
    help: 'Sign in as made-up people, with the identity provider built in; on this machine only',
    key: 'dev',
  }),
  signIn({
    name: 'oauth-provider',
    value: 'TYPE',
    panel: ['PANEL_OAUTH_PROVIDER'],
    help: 'Kind of identity provider (default oidc); Panel’s names mean the same here',
    key: 'providers.NAME.type',
    choices: [
      ...['oidc', 'generic', 'entra', 'azure', 'azurev2', 'auth0', 'okta', 'google', 'keycloak'],
      ...['github', 'gitlab', 'bitbucket', 'oauth2', 'auth_code', 'password'],
    ],
  }),
  signIn({
    name: 'oauth-issuer',
    value: 'URL',
    help: 'Issuer of the OpenID Connect provider',
    key: 'providers.NAME.issuer',
  }),
  signIn({
    name: 'oauth-tenant',
    value: 'ID',
    panel: ['AAD_TENANT_ID'],
    help: 'Tenant of Microsoft Entra ID',
    key: 'providers.NAME.tenant',
  }),
  signIn({
    name: 'oauth-key',
    value: 'ID',
    panel: ['PANEL_OAUTH_KEY'],
    help: 'Client ID that the provider gave this gateway',
    key: 'providers.NAME.client_id',
  }),
  signIn({
    name: 'oauth-secret',
    value: 'SECRET',
    secret: true,
    panel: ['PANEL_OAUTH_SECRET'],
    help: 'Client secret; better in a file or the environment, where other users cannot list it',
    key: 'providers.NAME.client_secret',
  }),
  signIn({
    name: 'oauth-secret-file',
    value: 'FILE',
    path: true,
    help: 'File that holds the client secret',
    key: 'providers.NAME.client_secret_file',
  }),
  signIn({
    name: 'oauth-scope',
    value: 'SCOPES',
    panel: ['PANEL_OAUTH_SCOPE'],
    help: 'Scopes to ask for (default "openid profile email")',
    key: 'providers.NAME.scope',
  }),
  signIn({
    name: 'oauth-extra-params',
    value: 'PARAMS',
    panel: ['PANEL_OAUTH_EXTRA_PARAMS'],
    help: 'tenant, subdomain, url, server; the rest for the sign-in address. Python dict or JSON',
    key: 'providers.NAME.extra_params',
  }),
  signIn({
    name: 'oauth-redirect-uri',
    value: 'URL',
    panel: ['PANEL_OAUTH_REDIRECT_URI'],
    help: 'Redirect URI that is registered already, on an address of ours',
    key: 'providers.NAME.redirect_uri',
  }),
  signIn({
    name: 'oauth-jwt-user',
    value: 'CLAIM',
    panel: ['PANEL_OAUTH_JWT_USER', 'PANEL_USER_KEY'],
    help: 'Claim that apps are told as the user (default the subject, for Panel the e-mail)',
    key: 'providers.NAME.user_claim',
  }),
  signIn({
    name: 'oauth-refresh-tokens',
    panel: ['PANEL_OAUTH_REFRESH_TOKENS'],
    help: 'Ask for a refresh token, so that tokens, roles and groups stay fresh',
    key: 'providers.NAME.refresh_tokens',
  }),
  ...['authorize', 'token', 'user', 'logout'].map((name) =>
    signIn({
      name: `oauth-${name}-url`,
      value: 'URL',
      panel: [`PANEL_OAUTH_${name.toUpperCase()}_URL`],
      help: `The ${name} endpoint of a provider that only speaks OAuth 2`,
      key: `providers.NAME.${name}_url`,
    }),
  ),
  signIn({
    name: 'basic-auth',
    value: 'PASSWORD',
    secret: true,
    panel: ['PANEL_BASIC_AUTH'],
    help: 'Ask for a password: one for everybody, or a JSON or htpasswd file of users',
  }),
  signIn({
    name: 'oauth-optional',
    panel: ['PANEL_OAUTH_OPTIONAL'],
    help: 'Guests may enter without signing in',
    key: 'apps.NAME.guests',
  }),
  signIn({
    name: 'oauth-guest-endpoints',
    value: 'PATHS',
    multiple: true,
    commas: true,
    panel: ['PANEL_OAUTH_GUEST_ENDPOINTS'],
    help: 'Paths below the app that guests may see: /a,/b',
    key: 'apps.NAME.guest_endpoints',
  }),
  ...(
    [
      ['basic-login-template', 'password', 'The page that asks for a password'],
      ['logout-template', 'signed-out', 'The page after signing out'],
      ['auth-template', 'denied', 'The page for who may not enter'],
      ['oauth-error-template', 'error', 'The page for what went wrong'],
    ] as const
  ).map(([name, template, help]) =>
    signIn({
      name,
      value: 'FILE',
      path: true,
      help: `${help}, its body in HTML`,
      key: `branding.templates.${template}`,
    }),
  ),
  signIn({
    name: 'oauth-encryption-key',
    value: 'KEY',
    secret: true,
    panel: ['PANEL_OAUTH_ENCRYPTION'],
    help: 'Not needed: tokens never leave the server',
    idle: 'tokens never leave the server, where they are sealed with --cookie-secret',
  }),
  signIn({
    name: 'cookie-path',
    value: 'PATH',
    panel: ['PANEL_COOKIE_PATH'],
    help: 'Not needed: the cookie is for one host, and for the path /',
    idle: 'the session cookie is bound to its host and to the path / by the prefix __Host-',
  }),
  signIn({
    name: 'login-endpoint',
    value: 'PATH',
    help: 'Not needed: sign-in is at /.auth/login',
    idle: 'sign-in is at /.auth/login, where it shadows nothing of an app',
  }),
  signIn({
    name: 'logout-endpoint',
    value: 'PATH',
    help: 'Not needed: sign-out is at /.auth/logout',
    idle: 'sign-out is at /.auth/logout',
  }),
];
