import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocketServer } from 'ws';
import type { HeaderProfile } from '../../src/config/settings.ts';
import { httpApp } from './apps.ts';
import { ask, socket } from './client.ts';
import { gatewayWith, type TestGateway } from './gateway.ts';

/** Names in lower case, each with its value. */
export type Headers = readonly (readonly [name: string, value: string])[];

const headersOf = ({ rawHeaders }: IncomingMessage): Headers =>
  rawHeaders.flatMap((name, i) =>
    i % 2 === 0 ? [[name.toLowerCase(), rawHeaders[i + 1] ?? ''] as const] : [],
  );

interface Mirror {
  readonly gateway: TestGateway;
  readonly cookie: string;
  /** What the app was told, by HTTP and by a WebSocket handshake. */
  readonly http: (path: string, headers: Record<string, string>, cookie?: string) => Promise<Headers>;
  readonly upgrade: (path: string, headers: Record<string, string>, cookie?: string) => Promise<Headers>;
}

/** A gateway with one app that tells what it was told. */
export async function mirror(profiles: readonly HeaderProfile[], tokenHeaders = false): Promise<Mirror> {
  const app = await httpApp((request, response) => response.end(JSON.stringify(headersOf(request))));
  const sockets = new WebSocketServer({ server: app.server });
  sockets.on('connection', (client, request) => client.send(JSON.stringify(headersOf(request))));
  const gateway = await gatewayWith({
    apps: [
      {
        name: 'sales',
        upstream: app.upstream,
        rules: [{ path: '/open/**', access: { public: true } }],
        profiles,
        tokenHeaders,
      },
    ],
  });
  const cookie = await gateway.signIn();
  const given = (value: string | undefined) => (value === undefined ? {} : { cookie: value });
  return {
    gateway,
    cookie,
    http: async (path, headers, as) =>
      JSON.parse((await ask(gateway, path, { headers, ...given(as) })).text) as Headers,
    upgrade: async (path, headers, as) => {
      const client = socket(gateway, path, { headers, ...given(as) });
      const [data] = (await once(client, 'message')) as [Buffer];
      client.close();
      return JSON.parse(data.toString()) as Headers;
    },
  };
}
