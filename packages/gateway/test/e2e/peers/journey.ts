import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext, Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import { type GatewayProcess, startGateway } from '../../../../../test/gateway-process.ts';

export interface Behind {
  readonly gateway: GatewayProcess;
  stop(): Promise<void>;
}

const entry = ([api, keys]: [string, string]): string =>
  `${api}: { url: "https://${api}.example.com", apps: [app], ${keys} }`;

const CREDENTIAL = 'canary-credential-of-the-app-0123456789';

/**
 * The built gateway with one provider, in front of an app that says what it was told of the person.
 *
 * @param apis - that the app may use, by name, each with its keys
 */
export async function gatewayFor(
  name: string,
  keys: string,
  apis: Readonly<Record<string, string>> = {},
): Promise<Behind> {
  const app = createServer((request, response) => {
    const assertion = String(request.headers['portico-assertion'] ?? '');
    const [, claims = ''] = assertion.split('.');
    response.setHeader('x-assertion', assertion);
    response.setHeader('content-type', 'application/json');
    response.end(Buffer.from(claims, 'base64url'));
  });
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
  const { port } = app.address() as AddressInfo;
  const gateway = await startGateway({
    config: `
providers: { ${name}: { ${keys}, client_id: portico } }
apps: { app: { at: /, upstream: "http://127.0.0.1:${port}", credential: ${CREDENTIAL} } }
apis: { ${Object.entries(apis).map(entry).join(', ')} }
`,
    args: ['serve', '--config', 'portico.yaml', '--log-level', 'debug', '--log-format', 'json'],
  });
  return {
    gateway,
    async stop() {
      await gateway.stop();
      app.close();
      app.closeAllConnections();
    },
  };
}

/** What the app was told of the person whom the page is signed in as. */
export async function told(page: Page): Promise<Record<string, unknown>> {
  return JSON.parse(await page.locator('body').innerText()) as Record<string, unknown>;
}

/** What the token endpoint answers to the app that asks for a token of this person for this API (RFC 8693). */
export async function tokenFor(
  page: Page,
  { url }: GatewayProcess,
  api: string,
): Promise<Record<string, unknown>> {
  const opened = await page.goto(`${url}/`);
  const response = await fetch(`${url}/.auth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`app:${CREDENTIAL}`).toString('base64')}` },
    body: new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: opened?.headers()['x-assertion'] ?? '',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      audience: api,
    }),
  });
  return (await response.json()) as Record<string, unknown>;
}

/** Whether the browser is signed in at the gateway. */
export async function isSignedIn(context: BrowserContext, gateway: GatewayProcess): Promise<boolean> {
  return (await context.request.get(`${gateway.url}/.auth/session`)).status() === 200;
}

/** Uses the app until the gateway has renewed its tokens. */
export async function useUntilRenewed(context: BrowserContext, gateway: GatewayProcess): Promise<void> {
  await vi.waitFor(
    async () => {
      expect((await context.request.get(`${gateway.url}/`)).status()).toBe(200);
      const troubles = gateway.lines.filter((line) => /could not be renewed|ended a session/.test(line));
      expect(troubles).toEqual([]);
      expect(gateway.lines.some((line) => line.includes('tokens renewed'))).toBe(true);
    },
    { timeout: 30_000, interval: 250 },
  );
}

/** Signs out with the button of the gateway's page; ends at its page for people who are signed out. */
export async function signOut(page: Page, gateway: GatewayProcess): Promise<void> {
  await page.goto(`${gateway.url}/.auth/logout`);
  await page.getByRole('button', { name: 'Sign out' }).click();
}
