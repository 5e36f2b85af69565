import { connect, type Socket } from 'node:net';
import type { Upstream } from '../core/types.ts';

/** Where the bytes of an app's socket go: first to the handshake, then to the open pair. A field, so that neither keeps the other alive. */
export interface AppReader {
  take(chunk: Buffer): void;
}

/** One for all reads of all sockets: what came is copied out at once, where Node would allocate 64 KiB for each read. */
const READ_BUFFER = Buffer.alloc(64 * 1024);

/** Connects to an app and hands what it sends to `reader.take`; pausing and resuming the socket work as usual. */
export function connectReading({ hostname, port }: Upstream, reader: AppReader): Socket {
  const callback = (size: number): boolean => {
    reader.take(Buffer.from(READ_BUFFER.subarray(0, size)));
    return true;
  };
  return connect({ host: hostname, port, noDelay: true, onread: { buffer: READ_BUFFER, callback } });
}
