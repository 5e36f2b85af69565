import { connect, type Socket } from 'node:net';
import type { Upstream } from '../core/types.ts';

/** Apps close idle connections after a few seconds (uvicorn: 5); one about to be closed is no good for a POST. */
const IDLE = 4_000;
const MOST_IDLE = 256;
/** What cannot be sent twice takes a connection that served this long ago at most: some apps close idle ones after two seconds. */
const RECENT = 1_000;

/** How long an app may take, in milliseconds. */
export interface AppTimeouts {
  readonly connect: number;
  /** For an answer to begin. A callback of a data app may compute for minutes. */
  readonly silence: number;
  /** For the answer to a WebSocket handshake. */
  readonly handshake: number;
}

/** Milliseconds, see `AppTimeouts`. */
export const APP_TIMEOUTS: AppTimeouts = { connect: 10_000, silence: 300_000, handshake: 30_000 };

/** One connection to an app. Whoever holds it listens through `user`; in the pool nobody does. */
export class AppConnection {
  readonly socket: Socket;
  readonly key: string;
  user: ConnectionUser | undefined;
  /** It has served before, so the app may have closed it unseen. */
  reused = false;
  idleSince = 0;

  constructor(key: string, upstream: Upstream, timeouts: AppTimeouts) {
    this.key = key;
    this.socket = connect({ host: upstream.hostname, port: upstream.port, noDelay: true });
    this.socket.setTimeout(timeouts.connect, () => this.user?.timedOut());
    this.socket.once('connect', () => this.socket.setTimeout(timeouts.silence));
    this.socket.on('data', (chunk) => {
      if (this.user) this.user.data(chunk);
      else this.socket.destroy(); // bytes that nobody asked for belong to no request
    });
    this.socket.on('drain', () => this.user?.drain());
    this.socket.on('error', (error) => this.user?.failed(error));
    this.socket.on('close', () => this.user?.closed());
  }
}

/** Who listens to a connection to an app. */
export interface ConnectionUser {
  data(chunk: Buffer): void;
  drain(): void;
  timedOut(): void;
  failed(error: Error): void;
  closed(): void;
}

/** Idle connections to the apps, last used first. */
export class Pool {
  readonly #idle = new Map<string, AppConnection[]>();
  readonly #clock: NodeJS.Timeout;
  #closed = false;
  readonly timeouts: AppTimeouts;

  constructor(timeouts: AppTimeouts = APP_TIMEOUTS) {
    this.timeouts = timeouts;
    this.#clock = setInterval(() => this.#endIdle(Date.now() - IDLE), 1000);
    this.#clock.unref();
  }

  /** @param which - the last used one is tried first; `recent` only if that was a moment ago */
  acquire(upstream: Upstream, which: 'any' | 'recent' | 'new'): AppConnection {
    const key = `${upstream.hostname}:${upstream.port}`;
    if (which !== 'new') {
      const idle = this.#idle.get(key);
      const since = which === 'recent' ? Date.now() - RECENT : 0;
      while (idle !== undefined && idle.length > 0) {
        if ((idle.at(-1) as AppConnection).idleSince < since) break;
        const connection = idle.pop() as AppConnection;
        if (connection.socket.destroyed || connection.socket.readyState !== 'open') continue;
        connection.reused = true;
        return connection;
      }
    }
    return new AppConnection(key, upstream, this.timeouts);
  }

  release(connection: AppConnection): void {
    connection.user = undefined;
    let idle = this.#idle.get(connection.key);
    if (idle === undefined) {
      idle = [];
      this.#idle.set(connection.key, idle);
    }
    if (this.#closed || connection.socket.destroyed || idle.length >= MOST_IDLE) {
      connection.socket.destroy();
      return;
    }
    connection.idleSince = Date.now();
    idle.push(connection);
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#clock);
    this.#endIdle(Number.POSITIVE_INFINITY);
  }

  #endIdle(before: number): void {
    for (const [key, idle] of this.#idle) {
      const kept = idle.filter((connection) => {
        const keep = connection.idleSince >= before && !connection.socket.destroyed;
        if (!keep) connection.socket.destroy();
        return keep;
      });
      if (kept.length === 0) this.#idle.delete(key);
      else if (kept.length !== idle.length) this.#idle.set(key, kept);
    }
  }
}
