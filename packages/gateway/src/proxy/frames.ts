/**
 * Follows the frames of one direction of a WebSocket (RFC 6455 section 5.2) without touching a byte, so that the gateway
 * knows where one ends: only there may it put a Close frame of its own.
 */
export class FrameTracker {
  #skip = 0;
  #header: number[] | undefined;

  /** True between two frames. */
  get atBoundary(): boolean {
    return this.#skip === 0 && this.#header === undefined;
  }

  /**
   * @param stopAtBoundary - stop behind the first frame that ends in `chunk`
   * @returns how many bytes were followed, and whether a data frame began among them
   */
  follow(chunk: Buffer, stopAtBoundary = false): { readonly used: number; readonly data: boolean } {
    let at = 0;
    let data = false;
    while (at < chunk.length) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, chunk.length - at);
        this.#skip -= step;
        at += step;
      } else {
        this.#header ??= [];
        const header = this.#header;
        header.push(chunk[at++] as number);
        const length = payloadAfter(header);
        if (length === undefined) continue;
        if (((header[0] as number) & 0x0f) < 8) data = true;
        this.#skip = length;
        this.#header = undefined;
      }
      if (stopAtBoundary && this.atBoundary) break;
    }
    return { used: at, data };
  }
}

/** Bytes that follow this header (mask and payload), or undefined while the header is not complete. */
function payloadAfter(header: readonly number[]): number | undefined {
  if (header.length < 2) return undefined;
  const second = header[1] as number;
  const mask = second & 0x80 ? 4 : 0;
  const short = second & 0x7f;
  if (short < 126) return short + mask;
  const extended = short === 126 ? 2 : 8;
  if (header.length < 2 + extended) return undefined;
  let length = 0;
  for (let i = 2; i < 2 + extended; i++) length = length * 256 + (header[i] as number);
  return length + mask;
}

/**
 * A Close frame (RFC 6455 section 5.5.1).
 *
 * @param reason - at most 123 bytes of UTF-8
 * @param mask - four bytes for a frame towards the app: a client must mask
 */
export function closeFrame(code: number, reason: string, mask?: Uint8Array): Buffer {
  const payload = Buffer.alloc(2 + Math.min(123, Buffer.byteLength(reason)));
  payload.writeUInt16BE(code, 0);
  payload.write(reason, 2, 'utf8');
  if (mask === undefined) return Buffer.concat([Buffer.from([0x88, payload.length]), payload]);
  for (let i = 0; i < payload.length; i++) payload[i] = (payload[i] as number) ^ (mask[i % 4] as number);
  return Buffer.concat([Buffer.from([0x88, 0x80 | payload.length]), mask, payload]);
}
