import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProgram } from './program.ts';
import { startSinglePage } from './single-page.ts';

export const KITS = ['html', 'react', 'angular', 'php', 'csharp'] as const;
export type Kit = (typeof KITS)[number];

export interface ProductOptions {
  readonly port: number;
  /** As people's browsers know it. */
  readonly origin: string;
  /** The gateway. */
  readonly apps: string;
  readonly issuer: string;
  /** Folder of the keys. */
  readonly keys: string;
  /** Life of the tokens that PHP and C# sign, in seconds. */
  readonly tokenLifetime: number;
  /** More environment variables and words for PHP and Mono. */
  readonly env?: Readonly<Record<string, string>>;
  readonly phpOptions?: readonly string[];
}

/** Starts a product. @returns ends it */
export function startProduct(kit: Kit, options: ProductOptions): Promise<() => Promise<void>> {
  const { port, origin, apps, issuer } = options;
  if (kit === 'php') return startPhp(options);
  if (kit === 'csharp') return startCSharp(options);
  return startSinglePage(kit, port, { issuer, clientId: origin, apps });
}

function environment(options: ProductOptions): NodeJS.ProcessEnv {
  const { origin, apps, keys, tokenLifetime, env } = options;
  const told = { SHOP_URL: origin, APPS_URL: apps, KEYS: keys, TOKEN_LIFETIME: String(tokenLifetime) };
  return { ...process.env, ...told, ...env };
}

function startPhp(options: ProductOptions): Promise<() => Promise<void>> {
  const { port, phpOptions = [] } = options;
  const cwd = join(import.meta.dirname, '..', 'php');
  const ready = `http://127.0.0.1:${port}/`;
  return startProgram(['php', ...phpOptions, '-S', `127.0.0.1:${port}`, 'index.php'], {
    cwd,
    env: environment(options),
    ready,
  });
}

async function startCSharp(options: ProductOptions): Promise<() => Promise<void>> {
  const cwd = join(import.meta.dirname, '..', 'csharp');
  const folder = await mkdtemp(join(tmpdir(), 'portico-csharp-'));
  const program = join(folder, 'shop.exe');
  const compiled = spawnSync('mcs', [`-out:${program}`, 'Shop.cs', 'Portico.cs'], { cwd, encoding: 'utf8' });
  if (compiled.error) throw new Error('mcs is not on this machine: apt-get install mono-mcs');
  if (compiled.status !== 0) throw new Error(`mcs refused:\n${compiled.stdout}${compiled.stderr}`);
  const stop = await startProgram(['mono', program], {
    cwd,
    env: { ...environment(options), PORT: String(options.port) },
    ready: `http://127.0.0.1:${options.port}/`,
  });
  return async () => {
    await stop();
    await rm(folder, { recursive: true });
  };
}
