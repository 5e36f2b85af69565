import type { AppType } from './settings.ts';

/** The commands of `portico`. */
export type CommandName =
  | 'serve'
  | 'demo'
  | 'check'
  | 'secret'
  | 'hash-password'
  | 'sessions'
  | 'completion'
  | 'help'
  | 'version';

/** One command line option; parser, help, completion and docs/configuration.md are all made from this table. */
export interface Option {
  /** Without the dashes. */
  readonly name: string;
  /** What stands for the value in the help; without it the option is a switch. */
  readonly value?: string;
  /** May be given several times; its environment variable takes a comma-separated list. */
  readonly multiple?: true;
  /** One sentence without a full stop. */
  readonly help: string;
  readonly group: 'What to serve' | 'Where to listen' | 'Sign-in' | 'Sessions' | 'Logs';
  readonly commands: readonly CommandName[];
  /** Environment variables, the first of them documented first. */
  readonly env: readonly string[];
  /** Its key in portico.yaml, if it has one. */
  readonly key?: string;
  readonly choices?: readonly string[];
  /** The value is a path, relative to the working directory. */
  readonly path?: true;
}

const SERVING = ['serve', 'check'] as const;
const LISTENING = ['serve', 'demo', 'check'] as const;
const STORING = ['serve', 'demo', 'check', 'sessions'] as const;

/** The frameworks, and `command` for anything else. Checked against `AppType`. */
export const APP_TYPES = [
  'streamlit',
  'dash',
  'panel',
  'bokeh',
  'gradio',
  'shiny',
  'jupyter',
  'voila',
  'marimo',
  'command',
] as const satisfies readonly AppType[];

function option(spec: Omit<Option, 'env'> & { env?: readonly string[] }): Option {
  return { env: [variableOf(spec.name)], ...spec };
}

/** The environment variable of an option: the flag in capitals. */
export function variableOf(name: string): string {
  return `PORTICO_${name.toUpperCase().replaceAll('-', '_')}`;
}

export const OPTIONS: readonly Option[] = [
  option({
    name: 'config',
    value: 'FILE',
    path: true,
    help: 'Configuration file; without an app on the command line, ./portico.yaml when it exists',
    group: 'What to serve',
    commands: ['serve', 'check', 'sessions'],
  }),
  option({
    name: 'upstream',
    value: 'URL',
    help: 'Put an app that already runs behind sign-in',
    group: 'What to serve',
    commands: SERVING,
    key: 'apps.NAME.upstream',
  }),
  option({
    name: 'app-type',
    value: 'TYPE',
    help: 'Framework of the app, when its command does not show it',
    group: 'What to serve',
    commands: SERVING,
    key: 'apps.NAME.type',
    choices: APP_TYPES,
  }),
  option({
    name: 'allow',
    value: 'WHO',
    multiple: true,
    help: 'Who may enter: everyone (default), role:NAME, group:NAME, email:ADDRESS, domain:NAME',
    group: 'What to serve',
    commands: SERVING,
    key: 'apps.NAME.allow',
  }),
  option({
    name: 'with',
    value: 'LIST',
    multiple: true,
    help: 'Also run the sample apps of these frameworks, in a Python environment made for them',
    group: 'What to serve',
    commands: ['demo'],
    choices: ['streamlit', 'dash', 'panel', 'bokeh', 'gradio'],
  }),
  option({
    name: 'port',
    value: 'NUMBER',
    help: 'Port to listen on (default 8000)',
    group: 'Where to listen',
    commands: LISTENING,
    key: 'port',
  }),
  option({
    name: 'address',
    value: 'HOST',
    help: 'Address to listen on (default 127.0.0.1; 0.0.0.0 for every network)',
    group: 'Where to listen',
    commands: LISTENING,
    key: 'address',
  }),
  option({
    name: 'public-url',
    value: 'URL',
    help: 'Address that people type (default http://localhost:PORT)',
    group: 'Where to listen',
    commands: LISTENING,
    key: 'public_url',
  }),
  option({
    name: 'tls-cert',
    value: 'FILE',
    path: true,
    help: 'Certificate chain in PEM, to answer https',
    group: 'Where to listen',
    commands: LISTENING,
    key: 'tls.cert',
  }),
  option({
    name: 'tls-key',
    value: 'FILE',
    path: true,
    help: 'Private key of the certificate in PEM',
    group: 'Where to listen',
    commands: LISTENING,
    key: 'tls.key',
  }),
  option({
    name: 'dev',
    help: 'Sign in as made-up people, with the identity provider built in; on this machine only',
    group: 'Sign-in',
    commands: SERVING,
    key: 'dev',
  }),
  option({
    name: 'oauth-provider',
    value: 'TYPE',
    help: 'Kind of identity provider (default oidc; generic means the same)',
    group: 'Sign-in',
    commands: SERVING,
    key: 'providers.NAME.type',
    choices: ['oidc', 'generic'],
  }),
  option({
    name: 'oauth-issuer',
    value: 'URL',
    help: 'Issuer of the OpenID Connect provider',
    group: 'Sign-in',
    commands: SERVING,
    key: 'providers.NAME.issuer',
  }),
  option({
    name: 'oauth-key',
    value: 'ID',
    help: 'Client ID that the provider gave this gateway',
    group: 'Sign-in',
    commands: SERVING,
    key: 'providers.NAME.client_id',
  }),
  option({
    name: 'oauth-secret',
    value: 'SECRET',
    help: 'Client secret; better in a file or the environment, where other users cannot list it',
    group: 'Sign-in',
    commands: SERVING,
    key: 'providers.NAME.client_secret',
  }),
  option({
    name: 'oauth-secret-file',
    value: 'FILE',
    path: true,
    help: 'File that holds the client secret',
    group: 'Sign-in',
    commands: SERVING,
    key: 'providers.NAME.client_secret_file',
  }),
  option({
    name: 'oauth-scope',
    value: 'SCOPES',
    help: 'Scopes to ask for (default "openid profile email")',
    group: 'Sign-in',
    commands: SERVING,
    key: 'providers.NAME.scope',
  }),
  option({
    name: 'oauth-extra-params',
    value: 'JSON',
    help: 'More parameters for the sign-in address, for example {"prompt": "select_account"}',
    group: 'Sign-in',
    commands: SERVING,
    key: 'providers.NAME.extra_params',
  }),
  option({
    name: 'oauth-expiry-days',
    value: 'DAYS',
    help: 'Days until people sign in again; decimals are allowed (default 7)',
    group: 'Sessions',
    commands: LISTENING,
    key: 'session.lifetime',
  }),
  option({
    name: 'cookie-secret',
    value: 'SECRET',
    help: 'Seals the sessions; generated and kept in .portico/secret when not given',
    group: 'Sessions',
    commands: STORING,
    env: ['PORTICO_COOKIE_SECRET', 'PORTICO_SECRET'],
    key: 'secret',
  }),
  option({
    name: 'cookie-secret-file',
    value: 'FILE',
    path: true,
    help: 'File that holds the secret; of several lines the first seals and all open',
    group: 'Sessions',
    commands: STORING,
    env: ['PORTICO_COOKIE_SECRET_FILE', 'PORTICO_SECRET_FILE'],
    key: 'secret_file',
  }),
  option({
    name: 'store',
    value: 'WHERE',
    help: 'Where sessions are kept: memory: or sqlite:FILE (default sqlite:.portico/portico.db)',
    group: 'Sessions',
    commands: STORING,
    key: 'store',
  }),
  option({
    name: 'log-level',
    value: 'LEVEL',
    help: 'debug, info, warn or error (default info)',
    group: 'Logs',
    commands: STORING,
    key: 'log.level',
    choices: ['debug', 'info', 'warn', 'error'],
  }),
  option({
    name: 'log-format',
    value: 'FORMAT',
    help: 'pretty or json (default pretty in a terminal, else json)',
    group: 'Logs',
    commands: STORING,
    key: 'log.format',
    choices: ['pretty', 'json'],
  }),
];

/** Options of later versions: recognised, so that nobody hunts for a typing error. True when they take a value. */
export const LATER_OPTIONS: Readonly<Record<string, boolean>> = {
  'oauth-redirect-uri': true,
  'oauth-refresh-tokens': false,
  'oauth-optional': false,
  'oauth-guest-endpoints': true,
  'oauth-jwt-user': true,
  'oauth-encryption-key': true,
  'basic-auth': true,
  workers: true,
};

export function optionsOf(command: CommandName): readonly Option[] {
  return OPTIONS.filter((each) => each.commands.includes(command));
}
