import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Provider } from 'oidc-provider';
import { claimNamesOf } from '../config/personas.ts';
import type { Persona } from '../config/settings.ts';
import { GatewayError } from '../core/errors.ts';
import { isLoopback } from '../core/loopback.ts';
import { Sealer } from '../session/seal.ts';
import type { SessionStore } from '../session/store.ts';
import { forgetAccount } from './adapter.ts';
import { configuration, type DevClient } from './configuration.ts';
import { sendHtml } from './form.ts';
import { devGraphApi } from './graph.ts';
import { interaction } from './interaction.ts';
import { devProblemPage, STYLESHEET, SUBMIT_SCRIPT } from './pages.ts';
import { People } from './people.ts';
import { PEOPLE_PATH, peoplePage } from './people-page.ts';
import { type DevResource, Resources } from './resources.ts';

export type { DevClient } from './configuration.ts';

const DEV_PREFIX = '/.auth/dev';

interface DevProviderOptions {
  /** Origin of the gateway as the browser knows it; loopback only. */
  readonly publicUrl: string;
  /** Where the gateway listens; loopback only. */
  readonly address: string;
  readonly clients: readonly DevClient[];
  readonly personas: readonly Persona[];
  /** Life of access and ID tokens, in milliseconds; whole seconds are what the protocol has. */
  readonly tokenLifetime: number;
  /** APIs to give access tokens for, beside the small Graph. */
  readonly resources: readonly DevResource[];
  /** Signing key, cookie key and sealing key are derived from it. */
  readonly secret: string;
  /** The gateway's own, so that a restart loses nothing. */
  readonly store: SessionStore;
  /** Told of a person whose tokens are over, by the word of a developer. */
  readonly onTokensEnded?: (subject: string) => void;
  /** Told of failures inside the provider; nobody else sees them. */
  readonly onError?: (error: Error) => void;
}

/** A running development provider. */
export interface DevProvider {
  /** Internal address to proxy `/.auth/dev` to, path unchanged. */
  readonly hostname: string;
  readonly port: number;
  /** `<publicUrl>/.auth/dev` */
  readonly issuer: string;
  close(): Promise<void>;
}

/**
 * Starts the embedded OpenID Connect provider for development on a loopback port of its own.
 *
 * @throws GatewayError `dev_not_loopback` (500): anybody who reaches it can be anybody.
 */
export async function startDevProvider(options: DevProviderOptions): Promise<DevProvider> {
  const origin = new URL(options.publicUrl);
  if (!isLoopback(origin.hostname) || !isLoopback(options.address)) {
    throw new GatewayError(
      'dev_not_loopback',
      500,
      'the development identity provider lets anybody be anybody, so it works only when public URL and listener are loopback',
    );
  }
  const issuer = origin.origin + DEV_PREFIX;
  const sealer = new Sealer([options.secret]);
  const people = new People(options.personas, options.store, sealer);
  const graph = devGraphApi({ issuer, secret: options.secret, people, clock: Date.now });
  const pageOptions = {
    people,
    origin: origin.origin,
    tokenLifetime: options.tokenLifetime,
    onTokensEnded: async (id: string) => {
      await forgetAccount(options.store, sealer, 'AccessToken', id);
      options.onTokensEnded?.(id);
    },
  };
  let starting: Promise<Provider> | undefined;

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = request.url ?? '/';
    if (!url.startsWith(`${DEV_PREFIX}/`)) {
      response.writeHead(404).end();
      return;
    }
    const path = url.slice(DEV_PREFIX.length);
    if (path === '/style.css') return sendFile(response, 'text/css; charset=utf-8', STYLESHEET);
    if (path === '/submit.js') return sendFile(response, 'text/javascript; charset=utf-8', SUBMIT_SCRIPT);
    const [bare = '', query = ''] = path.split(/\?(.*)/s);
    if (DEV_PREFIX + bare === PEOPLE_PATH)
      return peoplePage(pageOptions, new URLSearchParams(query), request, response);
    if (bare === '/graph' || bare.startsWith('/graph/'))
      return graph(bare.slice('/graph'.length), request, response);
    // The library is large: it is loaded with the first sign-in, so that the gateway itself starts at once.
    starting ??= createProvider(options, issuer, people, sealer);
    const provider = await starting;
    if (path.startsWith('/interaction/')) return interaction(provider, await people.all(), request, response);
    // The provider builds its URLs from the request: it gets the public origin, whoever asks and however, and its
    // public prefix as the difference between these two.
    const forwarded = { 'x-forwarded-host': origin.host, 'x-forwarded-proto': origin.protocol.slice(0, -1) };
    Object.assign(request.headers, { host: origin.host }, forwarded);
    Object.assign(request, { originalUrl: url, url: path });
    await provider.callback()(request, response);
  };
  const server = createServer((request, response) => {
    route(request, response).catch((error: unknown) => {
      options.onError?.(error instanceof Error ? error : new Error(String(error)));
      if (response.headersSent) response.destroy();
      else
        sendHtml(
          response,
          500,
          devProblemPage('This did not work', 'The development sign-in failed. The log says why.'),
        );
    });
  });
  const hostname = '127.0.0.1';
  server.listen(0, hostname);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    hostname,
    port,
    issuer,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function createProvider(
  options: DevProviderOptions,
  issuer: string,
  people: People,
  sealer: Sealer,
): Promise<Provider> {
  const { errors, interactionPolicy, Provider } = await import('oidc-provider');
  const policy = interactionPolicy.base();
  policy.add(new interactionPolicy.Prompt({ name: 'select_account', requestable: true }), 0);
  const provider = new Provider(
    issuer,
    configuration({
      ...options,
      issuer,
      people,
      claims: claimNamesOf(options.personas),
      resources: new Resources(issuer, options.resources),
      tokenLifetime: Math.ceil(options.tokenLifetime / 1000),
      policy,
      sealer,
      errors,
    }),
  );
  provider.proxy = true;
  provider.on('server_error', (_ctx, error) => options.onError?.(error));
  return provider;
}

function sendFile(response: ServerResponse, type: string, body: string): void {
  response.writeHead(200, {
    'content-type': type,
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}
