import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { isObject } from '../core/object.ts';
import type { Clock, RandomBytes } from '../core/types.ts';
import { withApis } from './api-sign-in.ts';
import { readApis } from './apis.ts';
import { readApps } from './apps.ts';
import { readBearer } from './bearer.ts';
import { readBranding } from './branding.ts';
import { type Context, readFileAt } from './context.ts';
import { checkCredentials } from './credentials.ts';
import { readDev } from './dev.ts';
import { withDevGraph } from './dev-graph.ts';
import { checkIssuers } from './embedding.ts';
import { overlay } from './layers.ts';
import { checkDev, readListening } from './listen.ts';
import type { OptionValues } from './option-values.ts';
import { claimNamesOf } from './personas.ts';
import { ConfigError, Problems } from './problems.ts';
import { TOKENS_IN_ME } from './profiles.ts';
import { checkRedirectUris, readProviders, userClaimNotes } from './providers.ts';
import { checkClaims, readRoles } from './roles.ts';
import { fileSchema, logSchema, sessionSchema } from './schema.ts';
import { readSecrets } from './sealing.ts';
import type { AppType, Settings } from './settings.ts';
import { readShape } from './shape.ts';

/** What the configuration is read from; nothing of the process is looked at beside it. */
export interface LoadRequest {
  /** From `parseCommandLine`: flags and environment. */
  readonly options: OptionValues;
  /** The app's command after `--`. */
  readonly run?: readonly string[];
  /** For `${NAME}` in the file. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute working directory. */
  readonly cwd: string;
  /** `check` writes nothing; `sessions` needs neither apps nor providers, and an existing secret. */
  readonly purpose: 'serve' | 'check' | 'sessions';
  /** A configuration in place of a file, in the keys of portico.yaml; `portico demo` brings its own. */
  readonly document?: Readonly<Record<string, unknown>>;
  /** Tells the framework from a command and the folder it runs in; `command` when not given. */
  readonly recognise?: (argv: readonly string[], cwd: string) => AppType;
  /** Whether logs go to a person. */
  readonly isTerminal: boolean;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
}

/** A sound configuration. */
export interface Loaded {
  readonly settings: Settings;
  /** Sentences for the start-up summary. */
  readonly notes: readonly string[];
  /** Variables that the configuration took values from: they are the gateway's, and no app inherits them. */
  readonly withheld: readonly string[];
}

const DAY = 86_400_000;
const SECTIONS = [
  'tls',
  'secret',
  'session',
  'providers',
  'dev',
  'bearer',
  'apps',
  'apis',
  'branding',
  'log',
] as const;

/** What any program needs stays with everybody, also where the file mentions it. */
const EVERYBODYS =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|PWD|TMPDIR|TEMP|TMP|TZ|TERM|LANG|LC_\w+|VIRTUAL_ENV|HOSTNAME)$/;

/**
 * The whole configuration: flag over environment over file over Panel's variables over default.
 *
 * @throws ConfigError with every problem at once
 */
export async function loadSettings(request: LoadRequest): Promise<Loaded> {
  const problems = new Problems();
  const source = await readSource(request, problems);
  const layered = overlay(source.raw, request.options, request.cwd, source.app, problems);
  const { raw, origins } = layered;
  const notes = [...source.notes, ...layered.notes];
  const context: Context = {
    raw,
    problems,
    notes,
    base: source.base,
    recognise: request.recognise ?? (() => 'command'),
  };

  const top = readShape(fileSchema, raw, [], problems, SECTIONS);
  const session = readSession(context);
  const log = raw['log'] === undefined ? {} : readShape(logSchema, raw['log'], ['log'], problems);
  const listening = readListening(context, top, request.clock());
  const providers = readProviders(context);
  const dev = readDev(context);
  if (dev !== undefined) checkDev(context, listening);
  const bearer = readBearer(context);
  const apps = readApps(context, top.public_url);
  checkIssuers(context, bearer, apps);
  const apis = readApis(context, providers, apps);
  const roles = readRoles(context, top.roles);
  checkClaims(context, [...providers, ...bearer], { roles, apps }, claimNamesOf(dev?.personas ?? []));
  const branding = readBranding(context);
  notes.push(...userClaimNotes(providers));
  if (top.tokens_in_me) notes.push(TOKENS_IN_ME);
  checkRedirectUris(context, providers, listening.publicUrl, apps);
  const stateDir = join(source.base, '.portico');
  const storeBase = origins.has('store') ? request.cwd : source.base;
  const store = readStore(problems, top.store ?? `sqlite:${join(stateDir, 'portico.db')}`, storeBase);
  if (request.purpose !== 'sessions') checkComplete(context);

  // Last, and only when all else is well: a refused start leaves nothing behind.
  const without =
    request.purpose === 'sessions'
      ? 'demand'
      : request.purpose === 'serve' && problems.count === 0
        ? 'generate'
        : 'pretend';
  const secrets = readSecrets(context, stateDir, without, request.randomBytes);
  checkCredentials(context, apps, secrets);
  if (problems.count > 0) throw new ConfigError(problems.list((path) => renamed(path, origins)));
  return {
    notes,
    withheld: [...source.taken, ...layered.fallbacks].filter((name) => !EVERYBODYS.test(name)),
    settings: {
      ...listening,
      secrets,
      store,
      session,
      providers: withApis(providers, apis, notes),
      ...(dev === undefined ? {} : { dev }),
      ...(bearer.length > 0 ? { bearer } : {}),
      apps,
      apis:
        dev === undefined
          ? apis
          : withDevGraph(
              apis,
              listening.publicUrl,
              apps.map(({ name }) => name),
            ),
      roles,
      ...(top.tokens_in_me ? { tokensInMe: true } : {}),
      ...(branding === undefined ? {} : { branding }),
      trustedProxies: top.trusted_proxies ?? [],
      log: { level: log.level ?? 'info', format: log.format ?? (request.isTerminal ? 'pretty' : 'json') },
      stateDir,
      drainSeconds: top.drain ?? 10,
    },
  };
}

interface Source {
  readonly raw: Record<string, unknown>;
  readonly base: string;
  readonly notes: readonly string[];
  /** Names of variables that the file interpolates. */
  readonly taken: ReadonlySet<string>;
  /** Name of the app that the command line describes. */
  readonly app: string | undefined;
}

async function readSource(request: LoadRequest, problems: Problems): Promise<Source> {
  const { options, run = [], cwd, document } = request;
  const config = options['config'];
  const upstream = options['upstream'];
  const here: Source = { raw: {}, base: cwd, notes: [], taken: new Set(), app: undefined };
  if (document !== undefined) return { ...here, raw: structuredClone(document) };
  if (run.length > 0 || upstream !== undefined) {
    const from = run.length > 0 ? '--' : (upstream?.from ?? '');
    if (run.length > 0 && upstream !== undefined)
      problems.add(upstream.from, 'is given beside a command after --', 'Keep the one or the other.');
    if (config !== undefined)
      problems.add(
        from,
        `describes one app, and ${config.from} brings its own`,
        'Keep the one or the other.',
      );
    const app = { at: '/', ...(run.length > 0 && upstream === undefined ? { run: [...run] } : {}) };
    return { ...here, raw: { apps: { app } }, app: 'app' };
  }
  const file = resolve(cwd, typeof config?.value === 'string' ? config.value : 'portico.yaml');
  if (config === undefined && !existsSync(file)) return here;
  const notes = config === undefined ? [`Read ${basename(file)} in the working directory.`] : [];
  const text = readFileAt({ ...NO_CONTEXT, problems, base: cwd }, [config?.from ?? basename(file)], file);
  const { interpolate, parseYaml } = await import('./document.ts');
  const parsed = text === undefined ? undefined : parseYaml(text, basename(file), problems);
  // Nothing else can be said of a file that cannot be read.
  if (parsed === undefined) throw new ConfigError(problems.list());
  const taken = new Set<string>();
  const raw = interpolate(parsed, request.env, problems, taken);
  return { raw: isObject(raw) ? raw : {}, base: dirname(file), notes, taken, app: undefined };
}

const NO_CONTEXT = { raw: {}, notes: [], recognise: (): AppType => 'command' };

function readSession(context: Context): Settings['session'] {
  const { raw, problems } = context;
  const read =
    raw['session'] === undefined ? {} : readShape(sessionSchema, raw['session'], ['session'], problems);
  const absolute = read.lifetime ?? 7 * DAY;
  if (read.idle !== undefined && read.idle > absolute)
    problems.add(['session', 'idle'], 'is longer than the lifetime', 'Make it shorter, or leave it out.');
  return { absolute, idle: read.idle ?? Math.min(DAY / 2, absolute), refresh: read.refresh ?? true };
}

function readStore(problems: Problems, text: string, base: string): Settings['store'] {
  if (text === 'memory:' || text === 'memory') return { kind: 'memory' };
  const [, scheme = '', rest = ''] = /^([a-z]+):(.*)$/s.exec(text) ?? [];
  if (scheme === 'sqlite' && rest !== '') return { kind: 'sqlite', path: resolve(base, rest) };
  const later = ['redis', 'rediss', 'postgres', 'postgresql'].includes(scheme);
  problems.add(
    ['store'],
    later ? `${scheme} is not in this version` : 'is not a store',
    'Write sqlite:./portico.db, or memory: to forget everybody at a restart.',
  );
  return { kind: 'memory' };
}

function checkComplete({ raw, problems }: Context): void {
  const empty = (value: unknown): boolean =>
    value === undefined || (isObject(value) && Object.keys(value).length === 0);
  if (empty(raw['apps']))
    problems.add(
      'apps',
      'there is no app to serve',
      'Write portico serve -- COMMAND, --upstream URL, or apps in portico.yaml.',
    );
  // With only bearer tokens there is nobody to sign in here: the host product has done that.
  if (empty(raw['providers']) && empty(raw['bearer']) && (raw['dev'] === undefined || raw['dev'] === false))
    problems.add(
      'providers',
      'there is no way to sign in',
      'To try things out on this machine add --dev; for real people give --oauth-issuer and --oauth-key of your identity provider, or providers in portico.yaml.',
    );
}

/** The flag or variable that a value came from, in place of its key. */
function renamed(path: string, origins: ReadonlyMap<string, string>): string {
  for (const [key, from] of origins)
    if (path === key || path.startsWith(`${key}[`) || path.startsWith(`${key}.`)) return from;
  return path;
}
