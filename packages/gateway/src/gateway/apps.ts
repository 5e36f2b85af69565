import { randomBytes } from 'node:crypto';
import { type AppProcess, supervise } from '../apps/supervisor.ts';
import type { AppSettings, Settings } from '../config/settings.ts';
import { originOf } from '../core/origin.ts';
import { type AppBackend, running } from '../gate/backend.ts';
import { type Bearer, Outside } from '../gate/outside.ts';
import type { GatedApp } from '../gate/sites.ts';
import { compilePolicy } from '../policy/decide.ts';
import type { AuthorizeHook } from '../policy/hook.ts';
import { panelCookies } from '../proxy/app-cookies.ts';
import { PersonBinding } from '../proxy/person-binding.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { ownSecret } from './own-secret.ts';

/** What started apps get from this process. */
export interface AppSurroundings {
  /** A line of an app's output, its name in front. */
  readonly writeAppLine: (line: string) => void;
  readonly colour: boolean;
  /** Environment that started apps inherit, less the gateway's own secrets. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Names of variables that the configuration took secrets from. */
  readonly withheld?: readonly string[];
}

/** What an app proves itself with when it asks for tokens; absent for one that runs elsewhere and was given none. */
export function credentialOf(app: AppSettings, settings: Pick<Settings, 'secrets'>): string | undefined {
  return app.run === undefined ? app.credential : ownSecret(settings, `app-credential/${app.name}`);
}

/**
 * All apps as the gate sees them, those with a command started.
 *
 * @param hooks - authorize functions by file
 * @param gatewayUrl - where apps on this machine reach the gateway
 * @param bearer - what tokens stand for; absent when none are taken
 * @param processes - what was started is added here, also when a later app cannot be
 * @throws GatewayError `base_path_unsupported` (500)
 */
export function startApps(
  settings: Settings,
  hooks: ReadonlyMap<string, AuthorizeHook>,
  metrics: Metrics,
  surroundings: AppSurroundings,
  gatewayUrl: string,
  bearer: Bearer | undefined,
  processes: AppProcess[],
): readonly GatedApp[] {
  return settings.apps.map((app) => {
    const backend = backendOf(app, settings, surroundings, gatewayUrl);
    if ('stop' in backend) processes.push(backend);
    return {
      settings: app,
      policy: compilePolicy(app, hooks.get(app.authorize ?? '')),
      backend,
      binding: bindingOf(app, settings),
      outside: outsideOf(app, bearer),
      cookies: tellsByCookies(app) ? panelCookies(cookieSecretOf(app, settings)) : undefined,
      metrics: metrics.app(app.name),
    };
  });
}

function backendOf(
  app: AppSettings,
  settings: Settings,
  { writeAppLine, colour, environment, withheld = [] }: AppSurroundings,
  gatewayUrl: string,
): AppBackend | AppProcess {
  if (app.upstream !== undefined) return running(app.upstream);
  return supervise(
    {
      name: app.name,
      type: app.type,
      argv: app.run ?? [],
      cwd: app.cwd ?? process.cwd(),
      ...(app.env === undefined ? {} : { env: app.env }),
      basePath: app.at,
      publicOrigin: originOf(app, settings.publicUrl),
      issuer: settings.publicUrl,
      gatewayUrl,
      credential: credentialOf(app, settings) ?? '',
      signingSecret: signingSecretOf(app, settings),
      ...(app.embed === undefined ? {} : { embedders: app.embed.origins }),
      ...(tellsByCookies(app) ? { cookieSecret: cookieSecretOf(app, settings) } : {}),
    },
    { writeLine: writeAppLine, colour, environment, withheld, now: Date.now, random: randomBytes },
  );
}

function outsideOf(app: AppSettings, bearer: Bearer | undefined): Outside | undefined {
  if (app.bearer === undefined && app.embed === undefined) return undefined;
  return new Outside(app, app.bearer === undefined ? undefined : bearer);
}

/** What a Bokeh server that we did not start signs with we do not know; it has to sign all the same. */
function bindingOf(app: AppSettings, settings: Settings): PersonBinding | undefined {
  if (app.type !== 'bokeh' && app.type !== 'panel') return undefined;
  return new PersonBinding({
    secret: ownSecret(settings, `app-binding/${app.name}`),
    ...(app.run === undefined ? {} : { signingSecret: signingSecretOf(app, settings) }),
    takesSessionIds: app.run?.includes('external-signed') ?? false,
  });
}

function signingSecretOf(app: AppSettings, settings: Settings): string {
  return ownSecret(settings, `app-signing/${app.name}`);
}

/** Panel reads who is there from signed cookies; only an app that we started has our secret for them. */
function tellsByCookies(app: AppSettings): boolean {
  return app.type === 'panel' && app.run !== undefined;
}

function cookieSecretOf(app: AppSettings, settings: Settings): string {
  return ownSecret(settings, `app-cookies/${app.name}`);
}
