import { createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Browser, FrameLocator, Page } from 'playwright-core';
import { newPage } from '../../../../test/browser.ts';
import { type GatewayProcess, startGateway } from '../../../../test/gateway-process.ts';
import { ROOT } from '../../../../test/support/node.ts';
import { ensurePython } from '../../../gateway/src/demo/python.ts';
import type { Parameters, Theme } from '../../src/index.ts';
import { hostPage } from './stand-in.ts';

const COMMANDS = {
  streamlit: 'streamlit run app.py',
  dash: 'python app.py',
  panel: 'panel serve app.py',
} as const;
export type Framework = keyof typeof COMMANDS;
export const FRAMEWORKS = Object.keys(COMMANDS) as Framework[];

export interface Shown {
  readonly roles?: readonly string[];
  /** Behind the app's address. */
  readonly path?: string;
  /** What is sent before the app's Python has begun. */
  readonly early?: readonly (readonly [name: string, data: unknown])[];
  readonly parameters?: Parameters;
  readonly theme?: Theme;
}

export const EXAMPLES = join(ROOT, 'examples', 'embedding');
export const TRIALS = join(import.meta.dirname, '..', 'apps');

/** An app for each framework behind the real gateway, and a product's page that may show them. */
export class DataApps {
  readonly #apps: string;
  readonly #secret = randomBytes(32).toString('hex');
  readonly #folder = mkdtempSync(join(tmpdir(), 'portico-data-apps-'));
  #gateway: GatewayProcess | undefined;
  #host: Awaited<ReturnType<typeof hostPage>> | undefined;

  /** @param apps - a folder with one for each framework */
  constructor(apps: string) {
    this.#apps = apps;
  }

  get url(): string {
    return this.#gateway?.url ?? '';
  }

  get page(): string {
    return this.#host?.url ?? '';
  }

  async start(): Promise<this> {
    const python = await ensurePython({ frameworks: FRAMEWORKS, tests: true, quiet: true });
    const PATH = python + delimiter + (process.env['PATH'] ?? '');
    writeFileSync(join(this.#folder, 'shop.secret'), this.#secret);
    this.#host = await hostPage(
      () => `<!doctype html><title>Shop</title>
      <script type="module">import * as sdk from '${this.url}/.auth/embed/portico.js'; window.sdk = sdk;</script>
      <script>states = []; heard = []; addEventListener('portico-state', (event) => states.push(event.detail));</script>`,
    );
    const apps = FRAMEWORKS.map((name) => [
      name,
      {
        at: `/${name}`,
        run: COMMANDS[name],
        type: name,
        cwd: join(this.#apps, name),
        env: { PATH, PYTHONDONTWRITEBYTECODE: '1' },
        allow: ['everyone'],
        bearer: ['shop'],
        embed: { origins: [this.page], script: true },
      },
    ]);
    const shop = { issuer: 'shop', audience: 'apps', key_file: './shop.secret', algorithms: ['HS256'] };
    const config = JSON.stringify({ dev: true, bearer: { shop }, apps: Object.fromEntries(apps) });
    this.#gateway = await startGateway({ directory: this.#folder, config });
    return this;
  }

  async stop(): Promise<void> {
    await this.#gateway?.stop();
    await this.#host?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The product's page with the app in it. */
  async show(
    browser: Browser,
    framework: Framework,
    { roles = ['analyst'], path = '', early = [], ...properties }: Shown = {},
  ): Promise<{ readonly page: Page; readonly frame: FrameLocator }> {
    const { page } = await newPage(browser);
    await page.goto(this.page);
    await page.waitForFunction(() => customElements.get('portico-app'));
    const given = { src: `${this.url}/${framework}/${path}`, token: this.token(...roles), ...properties };
    await page.evaluate(
      ([all, messages]) => {
        window.element = Object.assign(document.createElement('portico-app'), all);
        for (const [name, data] of messages) window.element.send(name, data);
        document.body.append(window.element);
      },
      [given, early] as const,
    );
    return { page, frame: page.frameLocator('portico-app iframe') };
  }

  /** A token of the product's user, who has these roles there. */
  token(...roles: readonly string[]): string {
    const iat = Math.floor(Date.now() / 1000);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { iss: 'shop', aud: 'apps', iat, exp: iat + 600, sub: 'ada', name: 'Ada', roles };
    const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
    return `${text}.${createHmac('sha256', this.#secret).update(text).digest('base64url')}`;
  }

  /** Everything that the gateway and the apps have written. */
  get log(): string {
    return this.#gateway?.lines.join('\n') ?? '';
  }
}
