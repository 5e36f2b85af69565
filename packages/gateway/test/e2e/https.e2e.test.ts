import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchBrowser, newPage } from '../../../../test/browser.ts';
import { type GatewayProcess, startGateway } from '../../../../test/gateway-process.ts';
import { GATEWAY } from '../../../../test/support/node.ts';
import { describeWith } from '../../../../test/support/requires.ts';
import { DEMO_PERSONAS } from '../../src/demo/settings.ts';
import { certificate } from '../wire/support/certificate.ts';
import { appsReady } from './support/demo.ts';
import { PEOPLE, signIn } from './support/people.ts';
import { closedSocket, watchSockets } from './support/sockets.ts';

describeWith('browser')('TLS with a given certificate', () => {
  let directory: string;
  let gateway: GatewayProcess;
  let browser: Browser;
  let page: Page;
  let context: BrowserContext;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'portico-https-'));
    const { cert, key } = certificate();
    writeFileSync(join(directory, 'cert.pem'), cert);
    writeFileSync(join(directory, 'key.pem'), key);
    gateway = await startGateway({
      directory,
      tls: true,
      config: ({ url }) =>
        JSON.stringify({
          public_url: url,
          tls: { cert: './cert.pem', key: './key.pem' },
          dev: { personas: DEMO_PERSONAS },
          apps: { board: { at: '/', run: [process.execPath, join(GATEWAY, 'dist/demo/app/main.js')] } },
        }),
    });
    await appsReady(gateway, ['board']);
    browser = await launchBrowser();
    ({ page, context } = await newPage(browser, { ignoreHTTPSErrors: true }));
    await watchSockets(page);
    await signIn(page, `${gateway.url}/`, 'ada');
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  /** What the browser spoke for each thing that it loaded, the page itself among them. */
  const spoken = (): Promise<string[]> =>
    page.evaluate(
      `[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map((one) => one.nextHopProtocol)`,
    );

  it('the browser gets the app over HTTP/2', async () => {
    await page.getByRole('heading', { name: `Hello, ${PEOPLE.ada.name}` }).waitFor();
    await page.locator('#connection').getByText('Live', { exact: true }).waitFor();
    const protocols = await spoken();
    expect(protocols.length).toBeGreaterThan(1);
    expect(new Set(protocols)).toEqual(new Set(['h2']));
  });

  it('the session cookie is one that only this host can set, over TLS', async () => {
    const cookie = (await context.cookies()).find(({ name }) => name === '__Host-portico');
    expect(cookie).toMatchObject({ secure: true, httpOnly: true, path: '/', sameSite: 'Lax' });
  });

  it('its WebSocket is open beside it, and ends with the session', async () => {
    const other = await context.newPage();
    await other.goto(`${gateway.url}/.auth/logout`);
    await other.getByRole('button', { name: /sign out/i }).click();
    const socket = await closedSocket(page);
    expect(socket).toMatchObject({ code: 1008, clean: true });
    expect(socket.url).toMatch(/^wss:/);
  });
});
