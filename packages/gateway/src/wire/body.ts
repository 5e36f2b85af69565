import { LIMITS } from './limits.ts';
import type { Framing } from './request-head.ts';

/** Receives a body, decoded. */
export interface BodySink {
  data(chunk: Buffer): void;
  /** @param trailers - flat list of names and values */
  end(trailers: readonly string[]): void;
}

/** Bytes that break the framing; the connection they came over cannot be trusted any further. */
export class FramingError extends Error {}

const CR = 13;
const LF = 10;
/** Chunk extensions are ignored (RFC 9112 section 7.1.1), but only visible ones: a CR or LF in them is smuggling. */
const CHUNK_LINE = /^([0-9a-fA-F]{1,13})(?:[\t ]*;[\t\x20-\x7e\x80-\xff]*)?$/;
/** White space is trimmed behind it: a run of its own before the value could be shared in many ways (ReDoS). */
const TRAILER_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t\x20-\x7e\x80-\xff]*)$/;

/**
 * Takes the bytes of one message body off a connection: knows where it ends, hands on its content. Chunked bodies are
 * decoded here and encoded anew on the other side, so that what goes on is canonical whatever came in.
 */
export class BodyReader {
  #kind: 'none' | 'length' | 'chunked' | 'until-close';
  #remaining = 0;
  #phase: 'size' | 'data' | 'data-end' | 'trailers' = 'size';
  #line: Buffer = Buffer.alloc(0);
  #trailers: string[] = [];
  #trailerBytes = 0;
  #extensionBytes = 0;
  done: boolean;

  constructor(framing: Framing | { readonly kind: 'until-close' }) {
    this.#kind = framing.kind;
    if (framing.kind === 'length') this.#remaining = framing.length;
    this.done = framing.kind === 'none' || (framing.kind === 'length' && framing.length === 0);
  }

  /** The connection ended; only a body without a length of its own may end so. */
  closed(sink: BodySink | undefined): boolean {
    if (this.done) return true;
    if (this.#kind !== 'until-close') return false;
    this.done = true;
    sink?.end([]);
    return true;
  }

  /**
   * @returns how many bytes of `chunk` belong to this body; the rest is the next message's
   * @throws FramingError
   */
  take(chunk: Buffer, sink: BodySink | undefined): number {
    if (this.done) return 0;
    if (this.#kind === 'until-close') {
      sink?.data(chunk);
      return chunk.length;
    }
    if (this.#kind === 'length') {
      const size = Math.min(this.#remaining, chunk.length);
      this.#remaining -= size;
      sink?.data(size === chunk.length ? chunk : chunk.subarray(0, size));
      if (this.#remaining === 0) this.#finish(sink);
      return size;
    }
    let at = 0;
    while (at < chunk.length && !this.done) {
      if (this.#phase === 'data') {
        const size = Math.min(this.#remaining, chunk.length - at);
        sink?.data(chunk.subarray(at, at + size));
        at += size;
        this.#remaining -= size;
        if (this.#remaining === 0) this.#phase = 'data-end';
        continue;
      }
      const newline = chunk.indexOf(LF, at);
      const stop = newline < 0 ? chunk.length : newline + 1;
      this.#line =
        this.#line.length === 0
          ? chunk.subarray(at, stop)
          : Buffer.concat([this.#line, chunk.subarray(at, stop)]);
      at = stop;
      if (this.#line.length > LIMITS.chunkLine && this.#phase !== 'trailers')
        throw new FramingError('chunk line too long');
      if (this.#line.length > LIMITS.trailers) throw new FramingError('trailers too long');
      if (newline < 0) {
        this.#line = Buffer.from(this.#line); // no view of a large read buffer is kept
        break;
      }
      if (this.#line.length < 2 || this.#line[this.#line.length - 2] !== CR)
        throw new FramingError('bare LF in chunked body');
      const line = this.#line.toString('latin1', 0, this.#line.length - 2);
      this.#line = Buffer.alloc(0);
      this.#takeLine(line, sink);
    }
    return at;
  }

  #takeLine(line: string, sink: BodySink | undefined): void {
    if (this.#phase === 'data-end') {
      if (line !== '') throw new FramingError('chunk longer than its size');
      this.#phase = 'size';
    } else if (this.#phase === 'size') {
      const match = CHUNK_LINE.exec(line);
      if (match === null) throw new FramingError('malformed chunk size');
      this.#extensionBytes += line.length - (match[1] as string).length;
      if (this.#extensionBytes > LIMITS.chunkExtensions) throw new FramingError('chunk extensions too long');
      this.#remaining = Number.parseInt(match[1] as string, 16);
      this.#phase = this.#remaining === 0 ? 'trailers' : 'data';
    } else if (line === '') {
      this.#finish(sink);
    } else {
      const match = TRAILER_LINE.exec(line);
      this.#trailerBytes += line.length;
      if (match === null || this.#trailerBytes > LIMITS.trailers) throw new FramingError('malformed trailer');
      this.#trailers.push(match[1] as string, (match[2] as string).trim());
    }
  }

  #finish(sink: BodySink | undefined): void {
    this.done = true;
    sink?.end(this.#trailers);
  }
}
