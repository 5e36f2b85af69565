import { mkdirSync, readdirSync } from 'node:fs';
import type { FreshCase, SteadyCase } from './cases/case.ts';
import { download } from './cases/download.ts';
import { get } from './cases/get.ts';
import { idle } from './cases/idle.ts';
import { sessions } from './cases/sessions.ts';
import { start } from './cases/start.ts';
import { ws } from './cases/ws.ts';
import { writeDocs } from './lib/docs.ts';
import { prepareGround } from './lib/ground.ts';
import { machineFacts } from './lib/machine.ts';
import { describe, measureFresh, measureSteady, Recorder } from './lib/measure.ts';
import { help, type Options, parseOptions } from './lib/options.ts';
import { canPin, stopEverything } from './lib/processes.ts';
import { hottest } from './lib/profile.ts';
import { type Results, saveResults } from './lib/results.ts';
import { startServer } from './lib/server.ts';
import { sessionsTable, tables } from './lib/table.ts';
import { targets } from './lib/targets.ts';
import { buildLoad, results } from './lib/tools.ts';
import { apacheOpenidc } from './peers/apache-openidc.ts';
import { caddy } from './peers/caddy.ts';
import { direct } from './peers/direct.ts';
import { nginx } from './peers/nginx.ts';
import { oauth2Proxy } from './peers/oauth2-proxy.ts';
import type { Peer } from './peers/peer.ts';
import { portico, profiledPortico } from './peers/portico.ts';

const allPeers: readonly Peer[] = [direct, nginx, caddy, oauth2Proxy, apacheOpenidc, portico];
const steadyCases: readonly SteadyCase[] = [get, ws, download];
const few = () => 100;
const many = ({ manySessions }: Options) => manySessions;
const freshCases: readonly FreshCase[] = [idle, start, sessions(few), sessions(many, few), sessions(many)];

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) return console.log(help);
  if (options.writeDocs) return writeDocs();
  const chosen = <T extends { name: string }>(all: readonly T[], names: readonly string[] | undefined) =>
    all.filter(({ name }) => names?.includes(name) ?? true);
  refuseUnknown('--only', options.peers, allPeers);
  refuseUnknown('--case', options.cases, [...steadyCases, ...freshCases]);

  console.log('Preparing');
  if (!canPin) console.log('! There is one core only: server and load share it, and the numbers say little.');
  buildLoad();
  const steady = chosen(steadyCases, options.cases);
  if (options.profile) return await profile(steady[0] ?? get, options);

  const machine = machineFacts();
  const recorder = new Recorder();
  const peers = chosen(allPeers, options.peers).flatMap((peer) => {
    try {
      const version = peer.install();
      if (version === undefined) throw new Error('not to be had on this machine');
      return [{ peer, version }];
    } catch (error) {
      recorder.leaveOut(peer.name, error instanceof Error ? error.message : String(error));
      return [];
    }
  });
  const running = peers.map(({ peer }) => peer);
  const ground = await prepareGround(running);
  try {
    console.log('Measuring');
    await measureSteady(steady, running, ground, options, recorder);
    await measureFresh(chosen(freshCases, options.cases), running, ground, options, recorder);
  } finally {
    await ground.clear();
  }
  print({
    machine,
    quick: options.quick,
    rounds: options.rounds,
    connections: options.connections,
    idleSockets: options.idleSockets,
    peers: peers.map(({ peer, version }) => ({ name: peer.name, title: peer.title, version })),
    leftOut: recorder.leftOut,
    measurements: recorder.measurements,
  });
}

function refuseUnknown(
  flag: string,
  names: readonly string[] | undefined,
  known: readonly { name: string }[],
): void {
  const all = known.map(({ name }) => name);
  const unknown = names?.filter((name) => !all.includes(name)) ?? [];
  if (unknown.length > 0)
    throw new Error(`${flag} does not know ${unknown.join(', ')}; it knows ${all.join(', ')}`);
}

function print(data: Results): void {
  console.log(`\n${tables(data)}\n`);
  const sessions = sessionsTable(data);
  if (sessions !== undefined) console.log(`${sessions}\n`);
  console.log('* the server had processor time to spare: the load, or a busy machine, was the limit');
  for (const { name, reason } of data.leftOut) console.log(`! LEFT OUT: ${name}: ${reason}`);
  if (data.peers.some(({ name }) => name === 'portico')) {
    for (const { text, met } of targets(data))
      console.log(`${met === undefined ? '-' : met ? '✓' : '✗'} ${text}`);
  }
  console.log(`\nWritten to ${saveResults(data)}`);
}

async function profile(work: SteadyCase, options: Options): Promise<void> {
  if (profiledPortico.install() === undefined) throw new Error('Portico is not there');
  mkdirSync(results, { recursive: true });
  const before = new Set(readdirSync(results));
  const ground = await prepareGround([profiledPortico]);
  try {
    const server = await startServer(profiledPortico, ground);
    console.log(`  ${work.name}: ${describe(await work.measure(server, { ...options, measure: 10 }))}`);
    await server.stop();
  } finally {
    await ground.clear();
  }
  const file = readdirSync(results).find((name) => name.endsWith('.cpuprofile') && !before.has(name));
  if (file === undefined) throw new Error('no profile was written');
  console.log(
    `\nTime spent in the functions themselves:\n${hottest(`${results}/${file}`, 30)}\n\n${results}/${file}`,
  );
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    console.log('\nStopping');
    // What fails now, fails because of this.
    console.log = () => {};
    void stopEverything().finally(() => process.exit(130));
  });
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
