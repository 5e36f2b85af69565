import { get } from 'node:http';
import { createServer } from 'node:net';
import { LOOPBACK } from './plan.ts';

const POLL = 100;

/** A loopback port that nobody listens on now. Somebody may take it before the app does: the supervisor tries another then. */
export function freePort(): Promise<number> {
  return new Promise((settle, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, LOOPBACK, () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? settle(address.port) : fail(new Error('no port')),
      );
    });
  });
}

/** Settles with true once the app answers at all, and with false when `signal` aborts before. */
export async function answers(port: number, path: string, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    if (await once(port, path, signal)) return true;
    await pause(POLL, signal);
  }
  return false;
}

/** Any status will do: a redirect to sign in or a 404 of a framework is an answer of a server that listens. */
function once(port: number, path: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((settle) => {
    const request = get({ host: LOOPBACK, port, path, signal, agent: false, timeout: 5_000 }, (response) => {
      response.resume();
      settle(true);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => settle(false));
  });
}

/** Waits, or until the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((settle) => {
    if (signal.aborted) return settle();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      settle();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
