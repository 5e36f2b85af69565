import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../../../../../test/browser.ts';
import { describeWith } from '../../../../../test/support/requires.ts';
import { type Recorded, record } from '../support/recording.ts';
import { MIA, ShopPage } from './shop-page.ts';
import { createWorld, GATEWAY_HOST, type World } from './world.ts';

const DASH = `https://${GATEWAY_HOST}/dash/`;
/** Beside what the page asked for: what somebody who knows Dash would try. */
const KNOWN = [
  '',
  '_dash-layout',
  '_dash-dependencies',
  '_reload-hash',
  '_favicon.ico',
  'assets/app.css',
  'any/page',
];

interface Asked {
  readonly method: string;
  readonly url: string;
}

describeWith('browser', 'python')('the Dash app in a product, asked by a program that is no browser', () => {
  let world: World;
  let token: string;
  const asked: Asked[] = KNOWN.map((path) => ({ method: 'GET', url: DASH + path }));

  beforeAll(async () => {
    world = await createWorld({ kits: ['html'], tokenLifetime: 600 });
    const browser = await launchBrowser(world.flags);
    try {
      const context = await browser.newContext();
      const recording = record(await context.newPage());
      const shop = await ShopPage.open(context, 'html', MIA);
      await shop.inside('dash').getByText('412 orders in North').waitFor();
      await shop.count('dash', MIA, 1);
      const { requests } = await recording.stop();
      asked.push(...requests.filter(({ url }: Recorded) => url.startsWith(DASH)));
      token = await shop.page.evaluate(`JSON.parse(sessionStorage.getItem('tokens')).access_token`);
    } finally {
      await browser.close();
    }
  });
  afterAll(() => world?.end());

  /** As `curl` would. */
  function ask(
    { method, url }: Asked,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: string }> {
    const { pathname, search, host } = new URL(url);
    return new Promise((resolve, reject) => {
      const outgoing = request({
        host: '127.0.0.1',
        port: world.gateway.port,
        servername: host,
        ca: readFileSync(world.authority.ca),
        method,
        path: pathname + search,
        headers: { host, ...headers, ...(method === 'POST' ? { 'content-type': 'application/json' } : {}) },
      });
      outgoing.once('error', reject);
      outgoing.once('response', (response) => {
        text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
      });
      outgoing.end(method === 'POST' ? '{}' : undefined);
    });
  }

  test('gets nothing from any endpoint without a token, or with one that is none', async () => {
    const paths = asked.map(({ url }) => new URL(url).pathname);
    for (const one of ['/dash/_dash-layout', '/dash/_dash-update-component']) expect(paths).toContain(one);
    expect(asked.length).toBeGreaterThan(15);
    for (const one of asked)
      for (const headers of [{}, { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' }]) {
        const { status, body } = await ask(one, headers);
        expect([one.url, status]).toEqual([one.url, 401]);
        expect(body).not.toMatch(/dash|orders|hello/i);
      }
  });

  test('gets the same endpoints with the token of the product’s person', async () => {
    const authorization = `Bearer ${token}`;
    const layout = await ask({ method: 'GET', url: `${DASH}_dash-layout` }, { authorization });
    expect(layout.status).toBe(200);
    expect(layout.body).toContain('hello, Mia Manager');
    for (const one of asked.filter(
      ({ method, url }) => method === 'GET' && url.includes('_dash-component-suites'),
    ))
      expect([one.url, (await ask(one, { authorization })).status]).toEqual([one.url, 200]);
  });
});
