import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffDelay } from '../../src/apps/backoff.ts';
import { LineCutter, linePrefix, RecentLines } from '../../src/apps/log-lines.ts';

test('lines come out whole however their bytes arrive', () => {
  const line = fc.string({ unit: 'grapheme' }).filter((text) => !/[\r\n]/.test(text));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat({ max: 7 })), (lines, sizes) => {
      const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
      const out: string[] = [];
      const cutter = new LineCutter((text) => out.push(text));
      let at = 0;
      for (const size of sizes) {
        cutter.push(bytes.subarray(at, at + size));
        at += size;
      }
      cutter.push(bytes.subarray(at));
      cutter.end();
      expect(out).toEqual(lines);
    }),
  );
});

test('a line that never ends is cut, a last one without a break is kept', () => {
  const out: string[] = [];
  const cutter = new LineCutter((text) => out.push(text));
  cutter.push(Buffer.from('a'.repeat(40_000)));
  expect(out).toHaveLength(2);
  cutter.end();
  expect(out.join('')).toHaveLength(40_000);
});

test('a name keeps its colour, and has none without a terminal', () => {
  expect(linePrefix('sales', false)).toBe('sales │ ');
  expect(linePrefix('sales', true)).toBe(linePrefix('sales', true));
  expect(linePrefix('sales', true)).toContain('\u001b[');
});

test('only the last lines are kept', () => {
  const recent = new RecentLines(2);
  for (const text of ['a', 'b', 'c']) recent.add(text);
  expect(recent.lines).toEqual(['b', 'c']);
});

test('back-off grows, is never more than half a minute, and is spread over half of itself', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), fc.nat({ max: 255 }), (crashes, byte) => {
      const delay = backoffDelay(crashes, () => Uint8Array.of(byte));
      const least = backoffDelay(crashes, () => Uint8Array.of(0));
      expect(delay).toBeGreaterThanOrEqual(least);
      expect(delay).toBeLessThanOrEqual(Math.min(30_000, 2 * least));
      expect(backoffDelay(crashes + 1, () => Uint8Array.of(byte))).toBeGreaterThanOrEqual(delay);
    }),
  );
});
