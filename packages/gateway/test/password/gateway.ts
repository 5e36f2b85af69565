import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PasswordProviderSettings } from '../../src/config/provider-settings.ts';
import type { TestGatewayOptions } from '../gate/gateway.ts';
import { gatewayWith } from '../gate/gateway.ts';

/** `ada` has the password `pencil`, `ben` has `x`; as htpasswd writes it and as portico hash-password does. */
export const HTPASSWD = `ben:$2y$12$.OC/.OC/.OC/.OC/.OC/.Oq8vviC4wewhsT3jWIYrPOzIlHN90QtC\n`;

export function fileOf(name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'portico-password-'));
  folders.push(folder);
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

export function provider(settings: Partial<PasswordProviderSettings>): PasswordProviderSettings {
  return { name: 'team', title: 'Team accounts', type: 'password', place: '', ...settings };
}

const folders: string[] = [];
const apps: Server[] = [];

/** A gateway on plain loopback http, so that a browser can be in front; the app says who it hears of. */
export async function passwordGateway(options: Omit<TestGatewayOptions, 'apps'>) {
  const app = createServer((request, response) => {
    const assertion = String(request.headers['portico-assertion'] ?? '..');
    const claims: unknown = JSON.parse(
      Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString() || '{}',
    );
    response.setHeader('content-type', 'text/html');
    response.end(
      `<!doctype html><title>app</title><h1>app</h1><pre>${request.url} ${JSON.stringify(claims)}</pre>`,
    );
  });
  apps.push(app);
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  const port = await freePort();
  const gateway = await gatewayWith({
    publicUrl: `http://localhost:${port}`,
    port,
    ...options,
    apps: [{ name: 'sales', upstream: { hostname: '127.0.0.1', port: (app.address() as AddressInfo).port } }],
  });
  return { ...gateway, origin: `http://localhost:${port}` };
}

export function cleanUp(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  for (const app of apps.splice(0)) {
    app.close();
    app.closeAllConnections();
  }
}

/** The public URL has to be known before the gateway listens. */
async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
