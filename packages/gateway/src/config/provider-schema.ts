import { z } from 'zod';
import { file, number, text } from './fields.ts';
import { readBaseUrl, readDomain, readEndpoint, readIssuer } from './readers.ts';

const word = (description: string, example: string) =>
  z
    .string()
    .min(1)
    .optional()
    .describe(description)
    .meta({ examples: [example] });

const kinds = <const T extends readonly [string, ...string[]]>(names: T, description: string) =>
  z
    .enum(names)
    .describe(description)
    .meta({ examples: [names[0]] });

const title = {
  title: z
    .string()
    .min(1)
    .max(60)
    .optional()
    .describe('For people: “Sign in with …”.')
    .meta({ examples: ['Example Inc.'] }),
};

/** The keys of every OAuth 2 client. */
const client = {
  ...title,
  client_id: z
    .string()
    .min(1)
    .describe('Client ID that the provider gave this gateway.')
    .meta({ examples: ['portico'] }),
  client_secret: word('Client secret; without one the client is a public one.', `\${CLIENT_SECRET}`),
  client_secret_file: file()
    .optional()
    .describe('File that holds the client secret.')
    .meta({ examples: ['/run/secrets/client'] }),
  client_key: word('Private key in place of a secret (private_key_jwt): PEM or JWK.', `\${CLIENT_KEY}`),
  client_key_file: file()
    .optional()
    .describe('File that holds the private key.')
    .meta({ examples: ['/run/secrets/client.pem'] }),
  scope: word('Scopes to ask for. Default: what the vendor’s page here says.', 'openid profile email'),
  extra_params: z
    .record(z.string().min(1), z.string())
    .optional()
    .describe('More parameters for the sign-in address.')
    .meta({ examples: [{ ui_locales: 'de' }] }),
  roles_claim: word('Claim that lists roles; dots reach inside. Default: roles.', 'realm_access.roles'),
  groups_claim: word('Claim that lists groups. Default: groups.', 'groups'),
  user_claim: word('Claim that names the user to apps. Default: the subject.', 'preferred_username'),
  claims: z
    .array(z.string().min(1).max(200))
    .max(20)
    .optional()
    .describe('Further claims that apps are told and rules can name; dots reach inside. Default: none.')
    .meta({ examples: [['department', 'employee.id']] }),
  redirect_uri: z
    .string()
    .min(1)
    .optional()
    .describe('Redirect URI in place of our own, on one of our own addresses.')
    .meta({ examples: ['https://apps.example.com/oauth2/callback'] }),
  prompt: word('What the provider should ask each time: login, consent, select_account.', 'select_account'),
  max_age: number(0, 31_536_000)
    .optional()
    .describe('Seconds since somebody last proved who they are, at most.')
    .meta({ examples: [3600] }),
  par: z
    .enum(['auto', 'required', 'never'])
    .optional()
    .describe('Pushed authorization requests. Default: auto, which does what the provider demands.')
    .meta({ examples: ['required'] }),
  refresh_tokens: z
    .boolean()
    .optional()
    .describe('Ask for a refresh token, so that tokens, roles and groups stay fresh. Default: false.')
    .meta({ examples: [true] }),
};

const tenantId = z
  .string()
  .regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i)
  .transform((id) => id.toLowerCase());

const domain = (host: string) => (value: string) => readDomain(value, host);
const baseUrl = (description: string, example: string) =>
  text(readBaseUrl)
    .optional()
    .describe(description)
    .meta({ examples: [example] });

/** One object of keys for each type. */
export const PROVIDER_SCHEMAS = {
  oidc: z.strictObject({
    type: kinds(['oidc', 'generic'], 'Any OpenID Connect provider; generic means the same.').optional(),
    issuer: text(readIssuer)
      .describe('Issuer, exactly as the provider states it.')
      .meta({ examples: ['https://login.example.com'] }),
    ...client,
  }),
  entra: z.strictObject({
    type: kinds(['entra', 'azure', 'azurev2'], 'Microsoft Entra ID; azure and azurev2 mean the same.'),
    tenant: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9.-]*$/)
      .optional()
      .describe('Directory (tenant) ID or domain; organizations together with tenants.')
      .meta({ examples: ['9f1c2b3a-0000-4000-8000-000000000000'] }),
    tenants: z
      .array(tenantId)
      .min(1)
      .optional()
      .describe('IDs of all tenants whose people may sign in, when there are several.')
      .meta({ examples: [['9f1c2b3a-0000-4000-8000-000000000000']] }),
    url: baseUrl('Sign-in service of a national cloud.', 'https://login.microsoftonline.us'),
    domain_hint: word('Domain whose sign-in page to show straight away.', 'example.com'),
    groups_from_graph: z
      .boolean()
      .optional()
      .describe('Fetch groups from Microsoft Graph when there are too many for a token. Default: true.')
      .meta({ examples: [false] }),
    ...client,
  }),
  auth0: z.strictObject({
    type: kinds(['auth0'], 'Auth0.'),
    domain: text(domain('auth0.com'))
      .describe('Domain of the Auth0 tenant, or its custom domain.')
      .meta({ examples: ['example.eu.auth0.com'] }),
    audience: word('Identifier of the API that the access token is for.', 'https://api.example.com'),
    namespace: word('Prefix of the claims that an Action adds.', 'https://apps.example.com/'),
    ...client,
  }),
  okta: z.strictObject({
    type: kinds(['okta'], 'Okta.'),
    domain: text(domain('okta.com'))
      .describe('Domain of the Okta organization.')
      .meta({ examples: ['example.okta.com'] }),
    server: z
      .string()
      .regex(/^[A-Za-z0-9_-]+$/)
      .optional()
      .describe('ID of a custom authorization server. Default: the organization’s own.')
      .meta({ examples: ['default'] }),
    ...client,
  }),
  google: z.strictObject({
    type: kinds(['google'], 'Google.'),
    hosted_domain: word('Only accounts of this Google Workspace domain.', 'example.com'),
    ...client,
  }),
  keycloak: z.strictObject({
    type: kinds(['keycloak'], 'Keycloak.'),
    url: text(readBaseUrl)
      .describe('Address of the server.')
      .meta({ examples: ['https://sso.example.com'] }),
    realm: z
      .string()
      .min(1)
      .describe('Realm.')
      .meta({ examples: ['company'] }),
    ...client,
  }),
  gitlab: z.strictObject({
    type: kinds(['gitlab'], 'GitLab.'),
    url: baseUrl('Address of a self-hosted GitLab. Default: https://gitlab.com.', 'https://git.example.com'),
    ...client,
  }),
  github: z.strictObject({
    type: kinds(['github'], 'GitHub.'),
    url: baseUrl('Address of an Enterprise Server. Default: https://github.com.', 'https://ghe.example.com'),
    ...client,
  }),
  bitbucket: z.strictObject({ type: kinds(['bitbucket'], 'Bitbucket Cloud.'), ...client }),
  oauth2: z.strictObject({
    type: kinds(['oauth2', 'auth_code'], 'A provider that only speaks OAuth 2; auth_code means the same.'),
    authorize_url: text(readEndpoint)
      .describe('Where people are sent to sign in.')
      .meta({ examples: ['https://id.example.com/authorize'] }),
    token_url: text(readEndpoint)
      .describe('Where a code becomes a token.')
      .meta({ examples: ['https://id.example.com/token'] }),
    user_url: text(readEndpoint)
      .describe('What says who the token is for, as JSON.')
      .meta({ examples: ['https://id.example.com/user'] }),
    logout_url: text(readEndpoint)
      .optional()
      .describe('Where people are sent to sign out.')
      .meta({ examples: ['https://id.example.com/logout'] }),
    user_key: word('Field of that JSON that never changes for a person. Default: sub, else id.', 'id'),
    ...client,
  }),
  password: z.strictObject({
    type: kinds(['password'], 'A password asked by Portico itself.'),
    ...title,
    password: word('One password for everybody, or its argon2id or bcrypt hash.', `\${PASSWORD}`),
    password_file: file()
      .optional()
      .describe('File that holds the password or its hash.')
      .meta({ examples: ['/run/secrets/password'] }),
    users_file: file()
      .optional()
      .describe('File of users and passwords: JSON, or htpasswd.')
      .meta({ examples: ['./users.json'] }),
  }),
  plugin: z.strictObject({
    type: z
      .string()
      .min(1)
      .describe('A provider of your own: a file, or the name of a package.')
      .meta({ examples: ['./my-provider.ts'] }),
    ...title,
    options: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('Handed to the plug-in.')
      .meta({ examples: [{ region: 'eu' }] }),
  }),
};

/** A provider of any type, for the JSON Schema; the reading goes by type, which makes better messages. */
export const providerSchema = z.union(Object.values(PROVIDER_SCHEMAS));
