import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { AppReader } from './app-reader.ts';
import { closeFrame, FrameTracker } from './frames.ts';
import { writeNow, writeSoon } from './write-batch.ts';

/** RFC 6455 section 7.4.1. */
export const CLOSE = { goingAway: 1001, policyViolation: 1008 } as const;
/** Milliseconds for a frame under way to end, then for the peers to hang up; together below one second. */
const FRAME_GRACE = 400;
const CLOSE_GRACE = 400;
/** Milliseconds for the last bytes to a peer that has stopped reading; then they are given up. */
const LINGER = 10_000;
/** Milliseconds of silence before TCP asks whether a peer is still there; one that vanished would be kept for ever. */
const KEEP_ALIVE = 30_000;

/** Bytes of bodies and WebSockets. */
export interface ByteCounters {
  /** From browsers to the app. */
  bytesIn: number;
  /** From the app to browsers. */
  bytesOut: number;
}

/** Whom an open WebSocket belongs to. An object with methods: closures of its maker would keep the whole request alive. */
export interface PairOwner {
  readonly counters: ByteCounters;
  /** The person sent something (data, not a mere pong). */
  seen(): void;
  /** Told once. */
  ended(): void;
}

/**
 * An open WebSocket: the browser's socket and the app's, coupled byte for byte with back-pressure. Everything an idle
 * socket costs is in here, so it holds no heads, no buffers and no closures but its own.
 */
export class SocketPair {
  readonly #client: Socket;
  readonly #app: Socket;
  readonly #reader: AppReader;
  readonly #owner: PairOwner;
  readonly #fromApp = new FrameTracker();
  readonly #fromClient = new FrameTracker();
  #closing: { code: number; reason: string } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(client: Socket, app: Socket, reader: AppReader, owner: PairOwner) {
    this.#client = client;
    this.#app = app;
    this.#reader = reader;
    this.#owner = owner;
    client.on('data', this.#clientData);
    reader.take = this.#appData;
    client.on('drain', this.#resumeApp);
    app.on('drain', this.#resumeClient);
    client.on('close', this.#end);
    app.on('close', this.#end);
    client.setKeepAlive(true, KEEP_ALIVE);
    app.setKeepAlive(true, KEEP_ALIVE);
  }

  /** Starts with what either side sent together with its head. */
  begin(clientRest: Buffer, appRest: Buffer): void {
    if (clientRest.length > 0) this.#clientData(clientRest);
    if (appRest.length > 0) this.#appData(appRest);
    writeNow();
    if (!this.#app.writableNeedDrain) this.#client.resume();
    if (!this.#client.writableNeedDrain) this.#app.resume();
  }

  /** Ends both directions, each with a Close frame at a frame boundary, within a second whatever the peers do. */
  close(code: number, reason: string): void {
    if (this.#closing !== undefined || this.#ended) return;
    this.#closing = { code, reason };
    writeNow();
    this.#client.off('data', this.#clientData);
    this.#client.on('data', discard);
    this.#client.resume();
    // The app's side stays open until the frame that it is sending is out: some servers drop it at the sight of an end.
    if (this.#fromClient.atBoundary) this.#app.write(closeFrame(code, reason, randomBytes(4)));
    if (this.#fromApp.atBoundary) this.#sayGoodbye();
    else this.#timer = setTimeout(this.#hangUp, FRAME_GRACE);
  }

  #clientData = (chunk: Buffer): void => {
    this.#owner.counters.bytesIn += chunk.length;
    const before = this.#fromClient.dataFrames;
    this.#fromClient.follow(chunk);
    if (this.#fromClient.dataFrames !== before) this.#owner.seen();
    writeSoon(this.#app, chunk, this.#client);
  };

  #appData = (chunk: Buffer): void => {
    const closing = this.#closing !== undefined;
    const used = this.#fromApp.follow(chunk, closing);
    this.#owner.counters.bytesOut += used;
    writeSoon(this.#client, used === chunk.length ? chunk : chunk.subarray(0, used), this.#app);
    if (closing && this.#fromApp.atBoundary) this.#sayGoodbye();
  };

  #sayGoodbye(): void {
    if (this.#ended || this.#closing === undefined) return;
    writeNow();
    this.#reader.take = discard;
    this.#app.resume();
    this.#app.end();
    this.#client.end(closeFrame(this.#closing.code, this.#closing.reason));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#hangUp, CLOSE_GRACE);
  }

  #hangUp = (): void => {
    this.#client.destroy();
    this.#app.destroy();
  };

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
    writeNow();
    clearTimeout(this.#timer);
    endSoon(this.#client);
    endSoon(this.#app);
    this.#owner.ended();
  };
}

function endSoon(socket: Socket): void {
  if (socket.destroyed) return;
  socket.destroySoon();
  // Only a peer that takes nothing more gets this far: no timer for all the others.
  if (!socket.destroyed) socket.setTimeout(LINGER, () => socket.destroy());
}

function discard(): void {}
