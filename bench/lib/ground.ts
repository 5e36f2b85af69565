import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Peer } from '../peers/peer.ts';
import { firstAnswer } from './first-answer.ts';
import { freePort, LOAD_CORE, startPinned, stopEverything } from './processes.ts';
import { cache } from './tools.ts';

/** Everything a run shares: where the app and the issuer are, and a folder that is removed at the end. */
export interface Ground {
  readonly backendPort: number;
  readonly issuer: string;
  readonly folder: string;
  /** One port for each peer, since redirect URIs are registered with the issuer. */
  readonly ports: ReadonlyMap<string, number>;
  /** Stops every process; the folder goes when this process ends. */
  clear(): Promise<void>;
}

/** Starts the app, on the core of the load, and the issuer, which has nothing to do once everybody is signed in. */
export async function prepareGround(peers: readonly Peer[]): Promise<Ground> {
  const folder = mkdtempSync(`${tmpdir()}/portico-bench-`);
  chmodSync(folder, 0o755);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const ports = new Map<string, number>();
  for (const { name } of peers) ports.set(name, await freePort());
  const start = async (argv: readonly string[], port: number, name: string) => {
    const log = `${folder}/${name}.log`;
    await firstAnswer(startPinned(LOAD_CORE, { argv }, log), port, log);
  };
  const issuerPort = await freePort();
  const redirectUris = peers.flatMap(({ name, session }) => session?.redirectUri(ports.get(name) ?? 0) ?? []);
  const program = fileURLToPath(new URL('issuer.ts', import.meta.url));
  await start([process.execPath, program, String(issuerPort), ...redirectUris], issuerPort, 'issuer');
  const backendPort = await freePort();
  await start([`${cache}/load`, 'backend', '-port', String(backendPort)], backendPort, 'backend');
  return {
    backendPort,
    issuer: `http://127.0.0.1:${issuerPort}`,
    folder,
    ports,
    clear: stopEverything,
  };
}
