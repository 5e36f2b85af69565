import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { cleanEnvironment, GATEWAY } from './support/node.ts';

export interface GatewayOptions {
  /** The contents of portico.yaml; a function is given the URL and port that the gateway will have. */
  readonly config?: string | ((place: { readonly url: string; readonly port: number }) => string);
  /** The configuration has a certificate, so the URL is https. */
  readonly tls?: true;
  /** The host of a public URL that is not localhost; asked for when the start is awaited. */
  readonly host?: string;
  /** The command and its arguments; default `['serve', '--config', 'portico.yaml']`. `--port` is added. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** An existing directory to run in, which is kept; default a fresh one, deleted by `stop`. */
  readonly directory?: string;
  /** A port from an earlier run, for tests of a restart; default a free one. */
  readonly port?: number;
  /** Another program than dist, for tests of an installed package. */
  readonly program?: string;
  /** Milliseconds until the start counts as failed; default 60,000. */
  readonly patience?: number;
}

export interface GatewayProcess {
  /** `http://localhost:PORT` (https with `tls`), without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly directory: string;
  readonly child: ChildProcess;
  /** Everything printed so far, standard output and standard error, line by line. */
  readonly lines: readonly string[];
  /** The first line, past or future, that matches. @throws Error after `patience` milliseconds, with the log. */
  line(pattern: RegExp, patience?: number): Promise<string>;
  /** Ends the process, by SIGTERM unless told otherwise, and waits for it. @returns its exit code, null for a signal */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** A loopback port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('A TCP listener has a port.');
  return address.port;
}

async function answers(url: string, host: string | undefined): Promise<boolean> {
  if (url.startsWith('https:')) return answersTls(url, host);
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** A test's certificate is nobody's: all that is asked is whether somebody answers. */
function answersTls(url: string, host: string | undefined): Promise<boolean> {
  const headers = host === undefined ? {} : { host };
  return new Promise((resolve) => {
    const options = { rejectUnauthorized: false, agent: false, timeout: 2_000, headers };
    const request = get(url, options, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

/** Starts the real command line and waits until `/.auth/healthz` answers. @throws Error with the log when it does not */
export async function startGateway(options: GatewayOptions = {}): Promise<GatewayProcess> {
  const port = options.port ?? (await freePort());
  const url = `${options.tls ? 'https' : 'http'}://localhost:${port}`;
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'portico-test-')));
  if (options.config !== undefined) {
    const text = typeof options.config === 'string' ? options.config : options.config({ url, port });
    await writeFile(join(directory, 'portico.yaml'), text);
  }
  const program = options.program ?? join(GATEWAY, 'bin', 'portico.js');
  const [command = 'serve', ...rest] = options.args ?? ['serve', '--config', 'portico.yaml'];
  const child = spawn(process.execPath, [program, command, '--port', String(port), ...rest], {
    cwd: directory,
    env: { ...cleanEnvironment(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (text) => lines.push(text));
  }
  const ended = once(child, 'exit');
  const log = () => lines.join('\n');

  const running: GatewayProcess = {
    url,
    port,
    directory,
    child,
    lines,
    async line(pattern, patience = 30_000) {
      const deadline = Date.now() + patience;
      for (;;) {
        const found = lines.find((text) => pattern.test(text));
        if (found !== undefined) return found;
        if (Date.now() > deadline) throw new Error(`No line matches ${pattern}; the log:\n${log()}`);
        await pause(25);
      }
    },
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await ended;
      if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
      return child.exitCode;
    },
  };

  const deadline = Date.now() + (options.patience ?? 60_000);
  while (!(await answers(`${url}/.auth/healthz`, options.host))) {
    const exited = child.exitCode !== null || child.signalCode !== null;
    if (!exited && Date.now() < deadline) {
      await pause(25);
      continue;
    }
    await running.stop('SIGKILL');
    throw new Error(`The gateway ${exited ? 'ended' : 'did not answer'} at start; its log:\n${log()}`);
  }
  return running;
}
