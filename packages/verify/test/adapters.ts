import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import * as forExpress from '../src/express.ts';
import * as forFastify from '../src/fastify.ts';
import { protect as withUser } from '../src/fetch.ts';
import * as forHono from '../src/hono.ts';
import type { GuardOptions, Principal, Verifier } from '../src/index.ts';

/** What every server of these tests has: one guarded route that says whom it sees, and one that the guard misses. */
export interface Guarded {
  readonly verifier: Verifier<Principal>;
  readonly options?: GuardOptions;
}

export type Send = (path: string, headers?: readonly (readonly [string, string])[]) => Promise<Response>;

export interface Server {
  readonly send: Send;
  close(): Promise<unknown>;
}

const listening = async (listen: () => { address(): AddressInfo | string | null }) => {
  const address = listen().address();
  if (address === null || typeof address === 'string') throw new Error('A TCP listener has a port.');
  return address.port;
};

/** Requests by `fetch`, whose Headers would join what is sent twice; a list of pairs is sent line by line. */
const client =
  (port: number): Send =>
  (path, headers = []) =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers: headers.map(([name, value]) => [name, value]) });

async function express5({ verifier, options = {} }: Guarded): Promise<Server> {
  const guard = forExpress.protect(verifier, options);
  const app = express();
  app.get('/open', (request, response) => void response.json(guard.user(request)));
  app.get('/me', guard, (request, response) => void response.json(guard.user(request).id));
  app.use(
    ((_error, _request, response, _next) => void response.status(500).end()) as express.ErrorRequestHandler,
  );
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { send: client(await listening(() => server)), close: async () => server.close() };
}

async function fastify5({ verifier, options = {} }: Guarded): Promise<Server> {
  const guard = forFastify.protect(verifier, options);
  const app = fastify();
  app.get('/open', async (request) => guard.user(request));
  app.get('/me', { onRequest: guard }, async (request) => JSON.stringify(guard.user(request).id));
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { send: client(await listening(() => app.server)), close: () => app.close() };
}

async function hono4({ verifier, options = {} }: Guarded): Promise<Server> {
  const guard = forHono.protect(verifier, options);
  const app = new Hono();
  app.get('/open', (context) => context.json(guard.user(context)));
  app.get('/me', guard, (context) => context.json(guard.user(context).id));
  app.onError((_error, context) => context.text('', 500));
  return {
    send: async (path, headers = []) =>
      app.request(path, { headers: headers.map(([name, value]): [string, string] => [name, value]) }),
    close: async () => undefined,
  };
}

async function fetchHandler({ verifier, options = {} }: Guarded): Promise<Server> {
  const handler = withUser(
    verifier,
    (_request, user, lang: string) => Response.json(user.id, { headers: { lang } }),
    options,
  );
  return {
    send: async (path, headers = []) => {
      if (path.startsWith('/open')) return new Response('', { status: 500 });
      const pairs = headers.map(([name, value]): [string, string] => [name, value]);
      return handler(new Request(`http://api.example.com${path}`, { headers: pairs }), 'en');
    },
    close: async () => undefined,
  };
}

export const ADAPTERS: readonly (readonly [string, (guarded: Guarded) => Promise<Server>])[] = [
  ['Express', express5],
  ['Fastify', fastify5],
  ['Hono', hono4],
  ['fetch', fetchHandler],
];
