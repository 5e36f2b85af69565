import { BINDING_HEADER } from '../../http/header-names.ts';
import { type Argv, flagIndex, insertAfter, override, takeFlag, takeSwitch } from '../argv.ts';
import {
  directory,
  IDENTITY_HEADERS,
  type LaunchContext,
  type LaunchPlan,
  LOOPBACK,
  publicHost,
  READY_TIMEOUT,
} from '../plan.ts';

const ASSERTION_HEADER = 'Portico-Assertion';

/**
 * Bokeh copies request headers into a token that page scripts can read and that comes back in a WebSocket header
 * (bokeh#9930). So only these are let in. `Portico-Assertion` is not among them: it is the handle with which an app asks
 * for access tokens, a script on the page must not have it, and 2 KiB of it would bloat every handshake. The binding says
 * for whom the token is, and opens nothing.
 */
const INCLUDED = [
  IDENTITY_HEADERS.user,
  IDENTITY_HEADERS.email,
  IDENTITY_HEADERS.name,
  BINDING_HEADER,
  'Accept-Language',
  'User-Agent',
];

/**
 * `bokeh serve` and `panel serve`, which takes the same flags. Panel 1.9 derives its base URL from `--prefix` on each
 * request; its `--root-path` is for proxies that strip the prefix, which this gateway does not.
 *
 * Session tokens are signed: unsigned ones let anybody choose the headers that the app sees (bokeh#15124).
 */
export function bokeh(argv: Argv, context: LaunchContext): LaunchPlan {
  const checked = override(argv, {
    '--port': String(context.port),
    '--address': LOOPBACK,
    '--prefix': context.basePath === '/' ? '' : context.basePath,
    '--root-path': '',
    '--unix-socket': '',
  });
  const origins = takeFlag(checked.argv, '--allow-websocket-origin');
  const opened = takeSwitch(takeSwitch(origins.argv, '--show').argv, '--use-xheaders');
  const sessions = signedSessions(opened.argv);
  const headers = includedHeaders(sessions.argv);
  const served = headers.argv.includes('serve');
  const ours = [
    ...headers.words,
    '--use-xheaders',
    ...['--address', LOOPBACK, '--port', String(context.port)],
    ...(context.basePath === '/' ? [] : ['--prefix', context.basePath]),
  ];
  return {
    argv: served ? insertAfter(headers.argv, ['serve'], ours) : sessions.argv,
    env: {
      BOKEH_SIGN_SESSIONS: 'yes',
      BOKEH_SECRET_KEY: context.signingSecret,
      BOKEH_ALLOW_WS_ORIGIN: publicHost(context),
      BOKEH_DEFAULT_SERVER_HOST: LOOPBACK,
      BOKEH_DEFAULT_SERVER_PORT: String(context.port),
    },
    defaults: {},
    readyPath: directory(context.basePath),
    readyTimeout: READY_TIMEOUT,
    notes: [...checked.notes, ...sessions.notes, ...headers.notes],
  };
}

function signedSessions(argv: Argv): { argv: Argv; notes: string[] } {
  const taken = takeFlag(argv, '--session-ids');
  const mode = taken.values.at(-1);
  if (mode === undefined || mode === 'signed') return { argv: taken.argv, notes: [] };
  if (mode === 'external-signed') return { argv, notes: [] };
  return {
    argv: taken.argv,
    notes: [`--session-ids ${mode} is replaced: session tokens are signed behind Portico`],
  };
}

/**
 * Bokeh refuses both lists together, so the app's own choice is kept, with the assertion left out of it and the binding, by
 * which the gateway knows whose token it is, in it.
 */
function includedHeaders(argv: Argv): { argv: Argv; words: readonly string[]; notes: string[] } {
  const excluded = listOf(argv, '--exclude-headers');
  if (excluded !== undefined) {
    const own = excluded.values.filter((name) => !isNamed(name, BINDING_HEADER));
    return { argv: excluded.rest, words: ['--exclude-headers', ASSERTION_HEADER, ...own], notes: [] };
  }
  const included = listOf(argv, '--include-headers');
  if (included === undefined) return { argv, words: ['--include-headers', ...INCLUDED], notes: [] };
  const own = included.values.filter((name) => !isNamed(name, ASSERTION_HEADER));
  const notes =
    own.length < included.values.length
      ? [`${ASSERTION_HEADER} is left out of --include-headers: it would be readable in the page`]
      : [];
  return { argv: included.rest, words: ['--include-headers', BINDING_HEADER, ...own], notes };
}

function isNamed(given: string, name: string): boolean {
  return given.toLowerCase() === name.toLowerCase();
}

/** The words of a flag up to the next one, as argparse reads `nargs='*'`, and the command without them. */
function listOf(argv: Argv, flag: string): { values: Argv; rest: Argv } | undefined {
  const start = flagIndex(argv, flag);
  const word = argv[start];
  if (word === undefined) return undefined;
  if (word !== flag) return { values: [word.slice(flag.length + 1)], rest: argv.toSpliced(start, 1) };
  const next = argv.findIndex((each, index) => index > start && each.startsWith('-'));
  const end = next < 0 ? argv.length : next;
  return { values: argv.slice(start + 1, end), rest: argv.toSpliced(start, end - start) };
}
