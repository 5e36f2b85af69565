import type { AppSettings, HeaderProfile, Settings } from '../config/settings.ts';
import { isLoopback } from '../core/loopback.ts';
import { originOf } from '../core/origin.ts';
import type { Policy } from '../policy/decide.ts';
import { readingsOf } from '../policy/pattern.ts';
import type { AppCookies } from '../proxy/app-cookies.ts';
import type { PersonBinding } from '../proxy/person-binding.ts';
import type { AppMetrics } from '../telemetry/metrics.ts';
import type { AppBackend } from './backend.ts';
import type { Outside } from './outside.ts';

/** An app as the gate sees it: who may enter, where it is, what is counted. */
export interface GatedApp {
  readonly settings: AppSettings;
  readonly policy: Policy;
  readonly backend: AppBackend;
  /** For an app that is told by cookies who is there. */
  readonly cookies?: AppCookies | undefined;
  /** For a Bokeh or Panel app, whose session tokens are bound to people. */
  readonly binding?: PersonBinding | undefined;
  /** For an app to which people come from other sites. */
  readonly outside?: Outside | undefined;
  readonly metrics: AppMetrics;
}

/** One origin that browsers know, with the apps on it. */
export class Site {
  /** Canonical, from the configuration. */
  readonly origin: string;
  readonly hostname: string;
  readonly hostHeader: string;
  /** What tells an app the outside URL; constant, so made once. */
  readonly forwardedLines: string;
  readonly apps: readonly GatedApp[];
  /** Those of any app on it. */
  readonly profiles: ReadonlySet<HeaderProfile>;
  /** Origins of the pages that may show any app on it. */
  readonly embedders: ReadonlySet<string>;

  constructor(origin: string, apps: readonly GatedApp[]) {
    const url = new URL(origin);
    this.origin = origin;
    this.hostname = url.hostname;
    this.hostHeader = url.host;
    this.forwardedLines = `X-Forwarded-Proto: ${url.protocol.slice(0, -1)}\r\nX-Forwarded-Host: ${url.host}\r\n`;
    this.profiles = profilesOf(apps);
    this.embedders = new Set(apps.flatMap(({ settings }) => settings.embed?.origins ?? []));
    // The longest prefix wins.
    this.apps = apps.toSorted((a, b) => b.settings.at.length - a.settings.at.length);
  }

  /**
   * The app that has this path; a prefix ends at a segment, so `/sales` does not have `/salesforce`. Found by the path as
   * apps read it, since two apps may be one server: `/%73ales` must not be judged by the rules of whoever has `/`, and what
   * some servers read as another app's path belongs to nobody (security fact 14).
   */
  appFor(path: string): GatedApp | undefined {
    if (!path.includes('%') && !path.includes(';')) return this.#holder(path);
    const [plain, bare] = readingsOf('/', path);
    if (plain === undefined) return undefined;
    const app = this.#holder(plain);
    return bare === undefined || this.#holder(bare) === app ? app : undefined;
  }

  #holder(path: string): GatedApp | undefined {
    for (const app of this.apps) {
      const { at } = app.settings;
      if (at === '/' || path === at || (path.startsWith(at) && path.charCodeAt(at.length) === 47)) return app;
    }
    return undefined;
  }
}

/** All hosts that are served. A Host header is only ever compared with these, never copied (security fact 4). */
export class Sites {
  readonly all: readonly Site[];
  /** Names of the apps as configured, for lists that people read. */
  readonly order: readonly string[];
  /** Header profiles of any app. */
  readonly profiles: ReadonlySet<HeaderProfile>;
  readonly #byHost = new Map<string, Site>();

  constructor(settings: Pick<Settings, 'publicUrl'>, apps: readonly GatedApp[]) {
    const byOrigin = new Map<string, GatedApp[]>([[settings.publicUrl, []]]);
    for (const app of apps) {
      const origin = originOf(app.settings, settings.publicUrl);
      byOrigin.set(origin, [...(byOrigin.get(origin) ?? []), app]);
    }
    this.all = [...byOrigin].map(([origin, own]) => new Site(origin, own));
    this.profiles = profilesOf(apps);
    this.order = apps.map((app) => app.settings.name);
    for (const site of this.all) this.#byHost.set(site.hostname, site);
    const [main] = this.all;
    if (main !== undefined && isLoopback(main.hostname)) {
      for (const alias of ['localhost', '127.0.0.1', '[::1]']) {
        if (!this.#byHost.has(alias)) this.#byHost.set(alias, main);
      }
    }
  }

  /** @param host - lower case, without port and trailing dot */
  byHost(host: string): Site | undefined {
    return this.#byHost.get(host);
  }
}

function profilesOf(apps: readonly GatedApp[]): ReadonlySet<HeaderProfile> {
  return new Set(apps.flatMap(({ settings }) => settings.profiles ?? []));
}
