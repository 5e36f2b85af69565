import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { canPin, cpuSeconds, LOAD_CORE } from './processes.ts';
import type { Server } from './server.ts';
import { cache } from './tools.ts';

/** Numbers of one measurement; the names are the columns of the results file. */
export type Values = Readonly<Record<string, number>>;

/** Arguments that point the load tool at a server, with the headers of its session. */
export function aim(server: Server, path: string): string[] {
  const headers = [...server.headers, `Origin: ${server.origin}`].flatMap((line) => ['-header', line]);
  return ['-port', String(server.port), '-path', path, ...headers];
}

/**
 * Runs the load tool on its own core. Adds `serverCpu`, the share of a core that the server used meanwhile: when it is
 * well below 1 something else (the load, or a neighbour on a shared machine) was the bottleneck. And `cpuMicros`, what
 * one request, message or download cost the server in processor time.
 *
 * @param whileOpen - called when warming up is over; the tool's standard input ends after it
 */
export async function runLoad(
  server: Server,
  args: readonly string[],
  whileOpen?: () => Promise<void>,
): Promise<Values> {
  const command = [...(canPin ? ['taskset', '-c', String(LOAD_CORE)] : []), `${cache}/load`, ...args];
  const child = spawn(command[0] as string, command.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (bytes: Buffer) => {
    complaint += bytes.toString();
  });
  let cpu = 0;
  let since = 0;
  let values: Values | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'begin') {
      cpu = cpuSeconds(server.pid);
      since = performance.now();
      await whileOpen?.();
      child.stdin.end();
    } else {
      const seconds = (performance.now() - since) / 1000;
      const used = cpuSeconds(server.pid) - cpu;
      const result = JSON.parse(line) as Values;
      const each = result['count'] === undefined ? {} : { cpuMicros: (used * 1e6) / result['count'] };
      values = { ...result, serverCpu: used / seconds, ...each };
    }
  }
  if (values === undefined) throw new Error(complaint.trim() || 'the load tool gave no result');
  return values;
}
