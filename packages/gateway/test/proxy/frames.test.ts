import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { closeFrame, FrameTracker } from '../../src/proxy/frames.ts';

interface Frame {
  readonly opcode: number;
  readonly size: number;
  readonly masked: boolean;
}

function encode({ opcode, size, masked }: Frame): Buffer {
  const mask = masked ? 0x80 : 0;
  const header = Buffer.from([0x80 | opcode, mask | (size < 126 ? size : size < 65_536 ? 126 : 127)]);
  const length = Buffer.alloc(size < 126 ? 0 : size < 65_536 ? 2 : 8);
  if (length.length === 2) length.writeUInt16BE(size);
  if (length.length === 8) length.writeBigUInt64BE(BigInt(size));
  return Buffer.concat([header, length, Buffer.alloc(masked ? 4 : 0, 7), Buffer.alloc(size, 0x81)]);
}

const frames = fc.array(
  fc.record({
    opcode: fc.constantFrom(0, 1, 2, 8, 9, 10),
    size: fc.oneof(fc.integer({ min: 0, max: 130 }), fc.integer({ min: 65_530, max: 65_540 })),
    masked: fc.boolean(),
  }),
  { minLength: 1, maxLength: 6 },
);

describe('the frames of a WebSocket', () => {
  test('end where they end, however the bytes are cut', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 70_000 })), (list, cuts) => {
        const encoded = list.map(encode);
        const bytes = Buffer.concat(encoded);
        const ends = new Set(encoded.map((_, i) => Buffer.concat(encoded.slice(0, i + 1)).length));
        const tracker = new FrameTracker();
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          const chunk = bytes.subarray(at, at + cut);
          expect(tracker.follow(chunk)).toBe(chunk.length);
          at += chunk.length;
          expect(tracker.atBoundary).toBe(at === 0 || ends.has(at));
        }
        expect(tracker.dataFrames).toBe(list.filter(({ opcode }) => opcode < 8).length);
      }),
    );
  });

  test('are left at the first boundary when that is asked', () => {
    fc.assert(
      fc.property(frames, (list) => {
        const [first, ...rest] = list.map(encode) as [Buffer, ...Buffer[]];
        expect(new FrameTracker().follow(Buffer.concat([first, ...rest]), true)).toBe(first.length);
      }),
    );
  });
});

describe('a Close frame of the gateway', () => {
  test('is whole and final, with code and reason; towards the app it is masked', () => {
    const plain = closeFrame(1008, 'session ended: sign-out');
    expect([plain[0], plain[1], plain.readUInt16BE(2)]).toEqual([0x88, plain.length - 2, 1008]);
    expect(plain.toString('utf8', 4)).toBe('session ended: sign-out');

    const mask = [1, 2, 3, 4];
    const masked = closeFrame(1008, 'session ended: sign-out', Buffer.from(mask));
    expect([...masked.subarray(0, 6)]).toEqual([0x88, 0x80 | (plain.length - 2), ...mask]);
    const payload = masked.subarray(6).map((byte, i) => byte ^ (mask[i % 4] as number));
    expect(Buffer.from(payload)).toEqual(plain.subarray(2));
  });

  test('keeps the limit of 125 bytes of a control frame', () => {
    expect(closeFrame(1001, 'x'.repeat(500)).length).toBe(2 + 125);
  });
});
