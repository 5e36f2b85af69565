import { chmodSync, mkdtempSync } from 'node:fs';
import type { Peer, Place } from '../peers/peer.ts';
import { Browser } from './browser.ts';
import { firstAnswer } from './first-answer.ts';
import type { Ground } from './ground.ts';
import { SERVER_CORE, startPinned, stop } from './processes.ts';

/** A peer that runs and answers. */
export interface Server {
  readonly peer: Peer;
  readonly port: number;
  readonly pid: number;
  readonly origin: string;
  /** From the start of the process to its first HTTP answer. */
  readonly startMilliseconds: number;
  /** Header lines of a browser that is signed in. */
  readonly headers: readonly string[];
  stop(): Promise<void>;
}

export async function startServer(
  peer: Peer,
  ground: Ground,
  options: { sockets?: number; signIn?: boolean; prepare?: (place: Place) => Promise<void> } = {},
): Promise<Server> {
  const port = ground.ports.get(peer.name);
  if (port === undefined) throw new Error(`no port for ${peer.name}`);
  const folder = mkdtempSync(`${ground.folder}/${peer.name}-`);
  chmodSync(folder, 0o755);
  const place = {
    port,
    folder,
    backendPort: ground.backendPort,
    issuer: ground.issuer,
    sockets: options.sockets ?? 64,
  };
  await options.prepare?.(place);
  const launch = peer.launch(place);
  const logFile = `${folder}/output.log`;
  const before = performance.now();
  const child = startPinned(SERVER_CORE, launch, logFile);
  await firstAnswer(child, port, logFile);
  const startMilliseconds = performance.now() - before;
  if (child.pid === undefined) throw new Error(`${peer.name} did not start`);
  const origin = `http://127.0.0.1:${port}`;
  const signedIn = options.signIn === false ? undefined : peer.session;
  const headers = signedIn === undefined ? [] : [`Cookie: ${await signIn(origin, signedIn.tellsApp)}`];
  return { peer, port, pid: child.pid, origin, startMilliseconds, headers, stop: () => stop(child) };
}

/**
 * Signs in as a browser does, and makes sure that the session, and nothing but the session, opens the app, and that the
 * app is told who is there.
 */
async function signIn(origin: string, tellsApp: readonly string[]): Promise<string> {
  const browser = new Browser();
  const page = await browser.open(`${origin}/`);
  if (page.status !== 200 || !page.body.startsWith('portico portico')) {
    throw new Error(`sign-in ended at ${page.url} with ${page.status}: ${page.body.slice(0, 500)}`);
  }
  const stranger = await fetch(`${origin}/`, { redirect: 'manual' });
  if (stranger.status === 200) throw new Error('the app answers without a session');
  const received = (await browser.open(`${origin}/headers`)).body.toLowerCase();
  const untold = tellsApp.filter((name) => !received.includes(`\r\n${name}: `));
  if (untold.length > 0) throw new Error(`the app is not told ${untold.join(', ')}`);
  return browser.cookies(origin);
}
