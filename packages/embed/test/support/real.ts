import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import { type GatewayProcess, startGateway } from '../../../../test/gateway-process.ts';
import { hostPage } from './stand-in.ts';

const PAGE = `<!doctype html><html><head><title>Sales</title></head><body>
  <p id="load"></p><p id="who"></p><p id="socket">opening</p><p id="heard"></p><button>Tell</button>
  <script>
  load.textContent = String(Math.random());
  fetch('/sales/me').then((answer) => answer.json()).then((me) => { who.textContent = me.name + ', ' + me.roles; });
  const live = new WebSocket(location.origin.replace('http', 'ws') + '/sales/ws');
  live.onopen = () => { socket.textContent = 'open'; };
  live.onclose = () => { socket.textContent = 'closed'; };
  portico.on('colour', (data) => { heard.textContent = data; });
  document.querySelector('button').onclick = () => portico.send('picked', 'EU');
  </script></body></html>`;

/** An app that knows nothing of tokens: it is told who is there. */
class App {
  readonly sockets = new Set<WebSocket>();
  /** Every header that came in. */
  readonly headers: string[] = [];
  readonly #server: Server;

  constructor() {
    const seen = new WebSocketServer({ noServer: true });
    this.#server = createServer((request, response) => {
      this.headers.push(JSON.stringify(request.headers));
      const [, claims = ''] = String(request.headers['portico-assertion']).split('.');
      const me = Buffer.from(claims, 'base64url').toString();
      const isPage = request.url === '/sales/';
      response.setHeader('content-type', isPage ? 'text/html' : 'application/json');
      response.end(isPage ? PAGE : me);
    });
    this.#server.on('upgrade', (request, socket, head) => {
      seen.handleUpgrade(request, socket, head, (opened) => {
        this.sockets.add(opened);
        opened.on('close', () => this.sockets.delete(opened));
        opened.on('message', (data) => opened.send(`${request.url} ${data}`));
      });
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  stop(): void {
    for (const socket of this.sockets) socket.terminate();
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** The real gateway in front of an app, and two products that sign their tokens themselves, of which one is listed. */
export class Real {
  readonly #secret = randomBytes(32).toString('hex');
  readonly #folder = mkdtempSync(join(tmpdir(), 'portico-embed-real-'));
  readonly app = new App();
  #gateway: GatewayProcess | undefined;
  #hosts: Awaited<ReturnType<typeof hostPage>>[] = [];

  get url(): string {
    return this.#gateway?.url ?? '';
  }

  /** The page of the product that is listed, and that of the other. */
  get pages(): readonly string[] {
    return this.#hosts.map((host) => host.url);
  }

  /** Everything that the gateway has written to its log. */
  get log(): string {
    return this.#gateway?.lines.join('\n') ?? '';
  }

  async start(): Promise<this> {
    const html = () => `<!doctype html><title>Shop</title>
      <script type="module">import * as sdk from '${this.url}/.auth/embed/portico.js'; window.sdk = sdk;</script>
      <script>states = []; heard = []; addEventListener('portico-state', (event) => states.push(event.detail));</script>`;
    this.#hosts = await Promise.all([hostPage(html), hostPage(html), this.app.start()]).then(([one, two]) => [
      one,
      two,
    ]);
    writeFileSync(join(this.#folder, 'shop.secret'), this.#secret);
    this.#gateway = await startGateway({
      directory: this.#folder,
      config: `
dev: true
bearer:
  shop: { issuer: shop, audience: apps, key_file: ./shop.secret, algorithms: [HS256] }
apps:
  sales:
    at: /sales
    upstream: http://127.0.0.1:${this.app.port}
    allow: [role:analyst]
    bearer: [shop]
    embed: { origins: ['${this.pages[0]}'], inline: true, script: true }
`,
    });
    return this;
  }

  async stop(): Promise<void> {
    await this.#gateway?.stop();
    for (const host of this.#hosts) await host.stop();
    this.app.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A token of the product's user. */
  token(claims: Readonly<Record<string, unknown>> = {}, seconds = 600): string {
    const iat = Math.floor(Date.now() / 1000);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const person = { sub: 'ada', name: 'Ada', roles: ['analyst'], jti: randomUUID() };
    const own = { iss: 'shop', aud: 'apps', iat, exp: iat + seconds, ...person, ...claims };
    const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(own)}`;
    return `${text}.${createHmac('sha256', this.#secret).update(text).digest('base64url')}`;
  }
}
