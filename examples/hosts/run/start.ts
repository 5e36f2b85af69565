// `node scripts/host.mjs html`: a product at http://localhost:4000, its identity provider, and the gateway with three apps behind it.
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePython } from '../../../packages/gateway/src/demo/python.ts';
import { startIdentityProvider } from './identity-provider.ts';
import { writeKeys } from './keys.ts';
import { KITS, type Kit, startProduct } from './products.ts';
import { startProgram } from './program.ts';

const HOSTS = join(import.meta.dirname, '..');
const GATEWAY = join(HOSTS, '..', '..', 'packages', 'gateway', 'bin', 'portico.js');
/** Seconds: short, so that one sees them renewed. */
const TOKEN_LIFETIME = 60;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { port: { type: 'string', default: '4000' } },
});
const kit = KITS.find((one): one is Kit => one === positionals[0]);
if (kit === undefined) {
  console.error(`Which product? One of ${KITS.join(', ')}: node scripts/host.mjs ${KITS[0]}`);
  process.exit(2);
}

const first = Number(values.port);
const [shop, issuer, apps] = [first, first + 1, first + 2].map((port) => `http://localhost:${port}`) as [
  string,
  string,
  string,
];
const keys = join(HOSTS, '.portico', 'keys');
const python = await ensurePython({ frameworks: ['dash', 'streamlit', 'panel'] });
await writeKeys(keys);
const ends: (() => Promise<void>)[] = [];
const end = async (): Promise<void> => {
  for (const one of ends.reverse()) await one();
};

try {
  const tokenLifetime = TOKEN_LIFETIME;
  ends.push(
    await startIdentityProvider({ issuer, port: first + 1, products: [shop], audience: apps, tokenLifetime }),
  );
  const words = ['serve', '--config', 'portico.yaml', '--port', String(first + 2)];
  const told = { SHOP_URL: shop, APPS_URL: apps, ISSUER: issuer, KEYS: keys };
  ends.push(
    await startProgram([process.execPath, GATEWAY, ...words], {
      cwd: HOSTS,
      env: { ...process.env, ...told, PATH: python + delimiter + process.env['PATH'] },
      ready: `${apps}/.auth/healthz`,
    }),
  );
  ends.push(await startProduct(kit, { port: first, origin: shop, apps, issuer, keys, tokenLifetime }));
  console.log(`The ${kit} product is at ${shop}, and its apps are at ${apps}. Ctrl+C ends all of it.`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => end().finally(() => process.exit()));
} catch (error) {
  // Nothing that has started stays behind.
  await end();
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
