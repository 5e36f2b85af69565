import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { type GatewayProcess, startGateway } from '../../../../test/gateway-process.ts';
import { ROOT } from '../../../../test/support/node.ts';
import { EXAMPLE_APPS, type ExampleName } from '../../../gateway/src/demo/examples.ts';
import { ensurePython } from '../../../gateway/src/demo/python.ts';
import { hostPage } from './stand-in.ts';

/** Milliseconds until Python processes on a busy machine must have come up. */
const APPS_PATIENCE = 180_000;

/** Apps whose scripts are modules, for which a browser sends no token; what is public of them is no secret. */
const PUBLIC: Partial<Record<ExampleName, readonly string[]>> = {
  streamlit: ['/static/**'],
  gradio: ['/gradio.js', '/assets/**', '/static/**', '/theme.css'],
};

/** An app of the tests' own; see its first line. */
const PARTS = fileURLToPath(new URL('../parts', import.meta.url));
export type AppName = ExampleName | 'parts';

/** Example apps behind the real gateway, and the page of a product that may run them without a frame. */
export class RealApps {
  readonly #secret = randomBytes(32).toString('hex');
  readonly #folder = mkdtempSync(join(tmpdir(), 'portico-inline-'));
  #gateway: GatewayProcess | undefined;
  #host: Awaited<ReturnType<typeof hostPage>> | undefined;
  #stranger: Awaited<ReturnType<typeof hostPage>> | undefined;

  get url(): string {
    return this.#gateway?.url ?? '';
  }

  /** Address of the product's page. */
  get page(): string {
    return this.#host?.url ?? '';
  }

  /** The same page at an origin that is not listed. */
  get stranger(): string {
    return this.#stranger?.url ?? '';
  }

  get log(): string {
    return this.#gateway?.lines.join('\n') ?? '';
  }

  async start(names: readonly AppName[]): Promise<this> {
    const html = () => `<!doctype html><html lang="en"><head><title>Shop</title>
      <style>p { color: green } button { border-radius: 9px }</style></head><body><p id="around">The shop</p>
      <script type="module">import * as sdk from '${this.url}/.auth/embed/portico.js'; window.sdk = sdk;</script>
      <script>states = []; heard = []; addEventListener('portico-state', (event) => states.push(event.detail));</script>
      </body></html>`;
    const frameworks = names.map((name) => (name === 'parts' ? 'dash' : name));
    const python = await ensurePython({ frameworks, quiet: true });
    [this.#host, this.#stranger] = await Promise.all([hostPage(html), hostPage(html)]);
    const env = { PATH: python + delimiter + (process.env['PATH'] ?? ''), PYTHONDONTWRITEBYTECODE: '1' };
    const apps = names.map((name, index) => {
      const framework = frameworks[index] ?? 'dash';
      const app = {
        at: `/${name}`,
        type: EXAMPLE_APPS[framework].type,
        run: EXAMPLE_APPS[framework].run,
        cwd: name === 'parts' ? PARTS : join(ROOT, 'examples', framework),
        env,
        allow: ['role:analyst'],
        rules: (PUBLIC[framework] ?? []).map((path) => ({ path, public: true })),
        bearer: ['shop'],
        embed: { origins: [this.page], inline: true },
      };
      return [name, app];
    });
    const shop = { issuer: 'shop', audience: 'apps', key_file: './shop.secret', algorithms: ['HS256'] };
    writeFileSync(join(this.#folder, 'shop.secret'), this.#secret);
    this.#gateway = await startGateway({
      directory: this.#folder,
      // JSON is YAML, too.
      config: JSON.stringify({ dev: true, bearer: { shop }, apps: Object.fromEntries(apps) }),
    });
    const { line } = this.#gateway;
    await Promise.all(names.map((app) => line(new RegExp(`\\b${app} is ready`), APPS_PATIENCE)));
    return this;
  }

  async stop(): Promise<void> {
    await this.#gateway?.stop();
    await this.#host?.stop();
    await this.#stranger?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A token of the product's user. */
  token(claims: Readonly<Record<string, unknown>> = {}, seconds = 600): string {
    const iat = Math.floor(Date.now() / 1000);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const person = {
      sub: 'ada',
      name: 'Ada',
      email: 'ada@example.com',
      email_verified: true,
      roles: ['analyst'],
    };
    const own = {
      iss: 'shop',
      aud: 'apps',
      iat,
      exp: iat + seconds,
      jti: randomUUID(),
      ...person,
      ...claims,
    };
    const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(own)}`;
    return `${text}.${createHmac('sha256', this.#secret).update(text).digest('base64url')}`;
  }

  /** Puts the element with an app onto the product's page. */
  async show(page: Page, app: AppName, token = this.token()): Promise<void> {
    await page.evaluate(
      ([src, given]) => {
        const properties = { src, mode: 'inline' as const, tokenProvider: () => given };
        window.element = Object.assign(document.createElement('portico-app'), properties);
        document.body.append(window.element);
      },
      [`${this.url}/${app}/`, token] as const,
    );
  }
}
