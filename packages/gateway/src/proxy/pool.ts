import { connect, type Socket } from 'node:net';
import type { Upstream } from '../core/types.ts';

/** Apps close idle connections after a few seconds (uvicorn: 5); one about to be closed is no good for a POST. */
const IDLE = 4_000;
const MOST_IDLE = 256;
const CONNECT_TIMEOUT = 10_000;
/** A callback of a data app may compute for minutes. */
const SILENCE_TIMEOUT = 300_000;

/** One connection to an app. Whoever holds it listens through `user`; in the pool nobody does. */
export class AppConnection {
  readonly socket: Socket;
  readonly key: string;
  user: ConnectionUser | undefined;
  /** It has served before, so the app may have closed it unseen. */
  reused = false;
  idleSince = 0;

  constructor(key: string, upstream: Upstream) {
    this.key = key;
    this.socket = connect({ host: upstream.hostname, port: upstream.port, noDelay: true });
    this.socket.setTimeout(CONNECT_TIMEOUT, () => this.user?.timedOut());
    this.socket.once('connect', () => this.socket.setTimeout(SILENCE_TIMEOUT));
    this.socket.on('data', (chunk) => {
      if (this.user) this.user.data(chunk);
      else this.socket.destroy(); // bytes that nobody asked for belong to no request
    });
    this.socket.on('drain', () => this.user?.drain());
    this.socket.on('error', (error) => this.user?.failed(error));
    this.socket.on('close', () => this.user?.closed());
  }
}

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

  constructor() {
    this.#clock = setInterval(() => this.#endIdle(Date.now() - IDLE), 1000);
    this.#clock.unref();
  }

  acquire(upstream: Upstream, fresh: boolean): AppConnection {
    const key = `${upstream.hostname}:${upstream.port}`;
    if (!fresh) {
      const idle = this.#idle.get(key);
      while (idle !== undefined && idle.length > 0) {
        const connection = idle.pop() as AppConnection;
        if (connection.socket.destroyed || connection.socket.readyState !== 'open') continue;
        connection.reused = true;
        return connection;
      }
    }
    return new AppConnection(key, upstream);
  }

  release(connection: AppConnection): void {
    connection.user = undefined;
    let idle = this.#idle.get(connection.key);
    if (idle === undefined) {
      idle = [];
      this.#idle.set(connection.key, idle);
    }
    if (connection.socket.destroyed || idle.length >= MOST_IDLE) {
      connection.socket.destroy();
      return;
    }
    connection.idleSince = Date.now();
    idle.push(connection);
  }

  close(): void {
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
