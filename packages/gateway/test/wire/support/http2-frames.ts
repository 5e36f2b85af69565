import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';

export const FRAME = { data: 0, headers: 1, rstStream: 3, settings: 4, continuation: 9 } as const;
export const END_STREAM = 1;
export const END_HEADERS = 4;

/** RFC 9113 section 4.1. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Buffer = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** `POST /` at localhost in HPACK (RFC 7541): static entries, then literals without Huffman coding. */
export function postHeaders(contentLength?: string): Buffer {
  const literal = (index: number, value: string): Buffer =>
    Buffer.concat([Buffer.from([0x40 | index, value.length]), Buffer.from(value)]);
  const parts = [Buffer.from([0x83, 0x87, 0x84]), literal(1, 'localhost')];
  if (contentLength !== undefined) parts.push(literal(28, contentLength));
  return Buffer.concat(parts);
}

/** A client that says exactly these frames: Node's own is too well-mannered. */
export async function framesTo(port: number, ca: string): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca, ALPNProtocols: ['h2'] });
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, 'secureConnect');
  socket.resume();
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  socket.write(frame(FRAME.settings, 0, 0));
  return socket;
}
