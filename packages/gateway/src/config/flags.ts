import { type CommandName, LISTENING, type Option, option, SERVING, STORING } from './option.ts';
import { APP_TYPES } from './settings.ts';
import { SIGN_IN_OPTIONS } from './sign-in-flags.ts';

export { type CommandName, type Option, variableOf } from './option.ts';

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
    name: 'json',
    help: 'Print what was found as JSON, for a program to read',
    group: 'Logs',
    commands: ['check'],
  }),
  option({
    name: 'with',
    value: 'LIST',
    multiple: true,
    commas: true,
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
  ...SIGN_IN_OPTIONS,
  option({
    name: 'oauth-expiry-days',
    value: 'DAYS',
    panel: ['PANEL_OAUTH_EXPIRY'],
    help: 'Days until people sign in again; decimals are allowed (default 7)',
    group: 'Sessions',
    commands: LISTENING,
    key: 'session.lifetime',
  }),
  option({
    name: 'cookie-secret',
    value: 'SECRET',
    secret: true,
    panel: ['PANEL_COOKIE_SECRET', 'BOKEH_COOKIE_SECRET'],
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
export const LATER_OPTIONS: Readonly<Record<string, boolean>> = { workers: true };

export function optionsOf(command: CommandName): readonly Option[] {
  return OPTIONS.filter((each) => each.commands.includes(command));
}
