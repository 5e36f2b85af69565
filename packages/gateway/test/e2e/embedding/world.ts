import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';
import { startIdentityProvider } from '../../../../../examples/hosts/run/identity-provider.ts';
import { writeKeys } from '../../../../../examples/hosts/run/keys.ts';
import { type Kit, startProduct } from '../../../../../examples/hosts/run/products.ts';
import { freePort, type GatewayProcess, startGateway } from '../../../../../test/gateway-process.ts';
import { ROOT } from '../../../../../test/support/node.ts';
import { EXAMPLES } from '../../../src/demo/examples.ts';
import { ensurePython } from '../../../src/demo/python.ts';
import { appsReady } from '../support/demo.ts';
import { type Authority, createAuthority } from './authority.ts';
import { type Behind, type Network, openNetwork } from './network.ts';

const HOSTS = join(ROOT, 'examples', 'hosts');
export const APPS = ['dash', 'streamlit', 'panel'] as const;
export type App = (typeof APPS)[number];

/** The gateway and the identity provider are sites of their own, and so is every product. */
export const GATEWAY_HOST = 'apps.analytics.example';
const ISSUER_HOST = 'login.accounts.example';
const hostOf = (kit: Kit) => `www.${kit}-shop.example`;
export const shopOf = (kit: Kit) => `https://${hostOf(kit)}`;

export interface World {
  readonly authority: Authority;
  readonly gateway: GatewayProcess;
  /** For Chromium. */
  readonly flags: readonly string[];
  end(): Promise<void>;
}

export interface WorldOptions {
  readonly kits: readonly Kit[];
  /** Seconds that the products' tokens live. */
  readonly tokenLifetime: number;
  /** More hosts, by name. */
  readonly more?: ReadonlyMap<string, Behind>;
}

/** The products, their identity provider and the gateway with its three apps, each at a name of its own over TLS. */
export async function createWorld({ kits, tokenLifetime, more = new Map() }: WorldOptions): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'portico-embedding-'));
  const ends: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const end = async () => {
    for (const one of ends.reverse()) await one();
  };
  try {
    const keys = join(folder, 'keys');
    await writeKeys(keys);
    const port = await freePort();
    const issuerPort = await freePort();
    const ports = new Map<Kit, number>();
    for (const kit of kits) ports.set(kit, await freePort());
    const hosts = new Map<string, Behind>([...more, [ISSUER_HOST, issuerPort]]);
    for (const [kit, at] of ports) hosts.set(hostOf(kit), at);
    const authority = createAuthority(folder, [GATEWAY_HOST, ...hosts.keys()]);
    const network = await openNetwork(authority, hosts, { host: GATEWAY_HOST, port });
    ends.push(() => network.close());

    const issuer = `https://${ISSUER_HOST}`;
    const apps = `https://${GATEWAY_HOST}`;
    const products = kits.map(shopOf);
    ends.push(
      await startIdentityProvider({ issuer, port: issuerPort, products, audience: apps, tokenLifetime }),
    );
    const gateway = await startGateway({
      tls: true,
      host: GATEWAY_HOST,
      port,
      config: configuration(
        products,
        authority,
        await ensurePython({ frameworks: EXAMPLES, tests: true, quiet: true }),
      ),
      env: {
        APPS_URL: apps,
        ISSUER: issuer,
        KEYS: keys,
        SHOP_URL: '',
        ...serverEnvironment(network, authority),
      },
    });
    ends.push(() => gateway.stop());
    for (const kit of kits) {
      const stop = await startProduct(kit, {
        port: ports.get(kit) as number,
        origin: shopOf(kit),
        apps,
        issuer,
        keys,
        tokenLifetime,
        env: { ...serverEnvironment(network, authority), ...monoEnvironment(folder, network, authority) },
        phpOptions: ['-d', `openssl.cafile=${authority.ca}`],
      });
      ends.push(stop);
    }
    await appsReady(gateway, APPS);
    return { authority, gateway, flags: [network.browserFlag, authority.browserFlag], end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** The example's own configuration, for all products at once and with a certificate. */
function configuration(products: readonly string[], { cert, key }: Authority, python: string): string {
  const config = parse(readFileSync(join(HOSTS, 'portico.yaml'), 'utf8'));
  const env = { PATH: python + delimiter + (process.env['PATH'] ?? ''), PYTHONDONTWRITEBYTECODE: '1' };
  for (const app of Object.values<{ embed: object }>(config.apps))
    Object.assign(app, { cwd: HOSTS, env, embed: { ...app.embed, origins: products } });
  return JSON.stringify({ ...config, tls: { cert, key } });
}

function serverEnvironment({ proxy }: Network, { ca }: Authority): Record<string, string> {
  return {
    NODE_USE_ENV_PROXY: '1',
    HTTPS_PROXY: proxy,
    NO_PROXY: 'localhost,127.0.0.1',
    NODE_EXTRA_CA_CERTS: ca,
  };
}

/** Mono looks for the authorities that it believes in a folder of its own, and knows proxies by one name only. */
function monoEnvironment(folder: string, { proxy }: Network, { ca }: Authority): Record<string, string> {
  const trust = join(folder, '.mono', 'new-certs', 'Trust');
  mkdirSync(trust, { recursive: true });
  const hash = execFileSync('openssl', ['x509', '-in', ca, '-noout', '-subject_hash'], { encoding: 'utf8' });
  copyFileSync(ca, join(trust, `${hash.trim()}.0`));
  return { XDG_CONFIG_HOME: folder, http_proxy: proxy };
}
