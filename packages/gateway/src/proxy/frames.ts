/**
 * Follows the frames of one direction of a WebSocket (RFC 6455 section 5.2) without touching a byte, so that the gateway
 * knows where one ends: only there may it put a Close frame of its own.
 */
export class FrameTracker {
  /** Bytes left of the frame under way, behind its header. */
  #skip = 0;
  /** Bytes of a header seen so far; a chunk may end within one. */
  #have = 0;
  #first = 0;
  #second = 0;
  #length = 0;
  /** Data frames that have begun; pings, pongs and Close frames do not count. */
  dataFrames = 0;

  /** True between two frames. */
  get atBoundary(): boolean {
    return this.#skip === 0 && this.#have === 0;
  }

  /**
   * @param stopAtBoundary - stop behind the first frame that ends in `chunk`
   * @returns how many bytes were followed
   */
  follow(chunk: Buffer, stopAtBoundary = false): number {
    let at = 0;
    while (at < chunk.length) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, chunk.length - at);
        this.#skip -= step;
        at += step;
      } else this.#takeHeader(chunk[at++] as number);
      if (stopAtBoundary && this.atBoundary) break;
    }
    return at;
  }

  #takeHeader(byte: number): void {
    const index = this.#have++;
    if (index === 0) {
      this.#first = byte;
      return;
    }
    if (index === 1) {
      this.#second = byte;
      this.#length = 0;
    } else this.#length = this.#length * 256 + byte;
    const short = this.#second & 0x7f;
    if (this.#have < (short < 126 ? 2 : short === 126 ? 4 : 10)) return;
    this.#have = 0;
    this.#skip = (short < 126 ? short : this.#length) + (this.#second & 0x80 ? 4 : 0);
    if ((this.#first & 0x0f) < 8) this.dataFrames++;
  }
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
