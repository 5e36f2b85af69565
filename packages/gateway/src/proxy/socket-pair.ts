import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { closeFrame, FrameTracker } from './frames.ts';

/** RFC 6455 section 7.4.1. */
export const CLOSE = { goingAway: 1001, policyViolation: 1008 } as const;
/** Milliseconds for a frame under way to end, then for the peers to hang up; together below one second. */
const FRAME_GRACE = 400;
const CLOSE_GRACE = 400;

/**
 * An open WebSocket: the browser's socket and the app's, coupled byte for byte with back-pressure. Everything an idle
 * socket costs is in here, so it holds no heads, no buffers and no closures but its own.
 */
export class SocketPair {
  readonly #client: Socket;
  readonly #app: Socket;
  readonly #fromApp = new FrameTracker();
  readonly #fromClient = new FrameTracker();
  readonly #onActivity: (() => void) | undefined;
  readonly #onEnd: (pair: SocketPair) => void;
  #closing: { code: number; reason: string } | undefined;
  #ended = false;

  /**
   * @param onActivity - the person sent something (data, not a mere pong)
   * @param onEnd - told once
   */
  constructor(
    client: Socket,
    app: Socket,
    onActivity: (() => void) | undefined,
    onEnd: (pair: SocketPair) => void,
  ) {
    this.#client = client;
    this.#app = app;
    this.#onActivity = onActivity;
    this.#onEnd = onEnd;
    client.on('data', this.#clientData);
    app.on('data', this.#appData);
    client.on('drain', this.#resumeApp);
    app.on('drain', this.#resumeClient);
    client.on('close', this.#end);
    app.on('close', this.#end);
  }

  /** Starts with what either side sent together with its head. */
  begin(clientRest: Buffer, appRest: Buffer): void {
    if (clientRest.length > 0) this.#clientData(clientRest);
    if (appRest.length > 0) this.#appData(appRest);
    this.#client.resume();
    this.#app.resume();
  }

  /** Ends both directions, each with a Close frame at a frame boundary, within a second whatever the peers do. */
  close(code: number, reason: string): void {
    if (this.#closing !== undefined || this.#ended) return;
    this.#closing = { code, reason };
    this.#client.off('data', this.#clientData);
    this.#client.on('data', discard);
    this.#client.resume();
    if (this.#fromClient.atBoundary) this.#app.write(closeFrame(code, reason, randomBytes(4)));
    this.#app.end();
    if (this.#fromApp.atBoundary) this.#sayGoodbye();
    else {
      this.#app.resume();
      setTimeout(() => this.#hangUp(), FRAME_GRACE);
    }
  }

  #clientData = (chunk: Buffer): void => {
    if (this.#fromClient.follow(chunk).data) this.#onActivity?.();
    if (!this.#app.write(chunk)) this.#client.pause();
  };

  #appData = (chunk: Buffer): void => {
    if (this.#closing === undefined) {
      this.#fromApp.follow(chunk);
      if (!this.#client.write(chunk)) this.#app.pause();
      return;
    }
    const { used } = this.#fromApp.follow(chunk, true);
    this.#client.write(chunk.subarray(0, used));
    if (this.#fromApp.atBoundary) this.#sayGoodbye();
  };

  #sayGoodbye(): void {
    if (this.#ended || this.#closing === undefined) return;
    this.#app.off('data', this.#appData);
    this.#app.on('data', discard);
    this.#client.end(closeFrame(this.#closing.code, this.#closing.reason));
    setTimeout(() => this.#hangUp(), CLOSE_GRACE);
  }

  #hangUp(): void {
    this.#client.destroy();
    this.#app.destroy();
  }

  #resumeApp = (): void => {
    this.#app.resume();
  };

  #resumeClient = (): void => {
    this.#client.resume();
  };

  /** One side is gone: the other gets what was written to it, then ends too. */
  #end = (): void => {
    if (this.#ended) return;
    this.#ended = true;
    this.#client.destroySoon();
    this.#app.destroySoon();
    this.#onEnd(this);
  };
}

function discard(): void {}
