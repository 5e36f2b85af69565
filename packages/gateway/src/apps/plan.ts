import type { Argv } from './argv.ts';

/** What a framework must know of the world in front of it. */
export interface LaunchContext {
  /** Name of the app in the configuration: the audience of its assertions. */
  readonly name: string;
  /** Free port on 127.0.0.1. */
  readonly port: number;
  /** `/`, or `/sales` without a trailing slash. */
  readonly basePath: string;
  /** Origin that browsers use for this app: `https://apps.example.com[:port]`. */
  readonly publicOrigin: string;
  /** `iss` of the assertions: the gateway's public URL, also for an app on a host of its own. */
  readonly issuer: string;
  /** Where the app reaches the gateway from this machine, without a slash at the end. */
  readonly gatewayUrl: string;
  /** What the app proves itself with there. */
  readonly credential: string;
  /** At least 32 characters, derived for this app and purpose alone: whoever has it can forge Bokeh session tokens. */
  readonly signingSecret: string;
  /** With which the gateway signs the cookies that tell this app who is there, for a framework that reads them. */
  readonly cookieSecret?: string;
  /** Origins of the pages that may show the app, for a framework that speaks to the page around it. */
  readonly embedders?: readonly string[];
}

/** How an app is started so that it works, and only works, behind the gateway. */
export interface LaunchPlan {
  readonly argv: Argv;
  /** Set whatever the environment already says. */
  readonly env: Readonly<Record<string, string>>;
  /** Set only where the environment says nothing. */
  readonly defaults: Readonly<Record<string, string>>;
  /** Path to ask until it answers. */
  readonly readyPath: string;
  /** Milliseconds to wait for the first answer; the first import of a data framework can take long on a cold disk. */
  readonly readyTimeout: number;
  /** One sentence for each thing of the command that was changed, for the start-up summary. */
  readonly notes: readonly string[];
}

/** Where apps listen: nobody but this machine can reach one past the gate. */
export const LOOPBACK = '127.0.0.1';
/** Milliseconds, see `LaunchPlan`. */
export const READY_TIMEOUT = 120_000;

/**
 * Plain identity headers that the gateway sets and that frameworks can be told to read. The name is the one that
 * oauth2-proxy uses for a person's display name.
 */
export const IDENTITY_HEADERS = {
  user: 'X-Forwarded-User',
  email: 'X-Forwarded-Email',
  name: 'X-Forwarded-Preferred-Username',
} as const;

/** `/` or `/sales/`, as most frameworks want it. */
export function directory(basePath: string): string {
  return basePath === '/' ? '/' : `${basePath}/`;
}

/** Public host with its port when that is not the scheme's own. */
export function publicHost(context: LaunchContext): string {
  return new URL(context.publicOrigin).host;
}
