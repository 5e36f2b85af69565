import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BodyReader, FramingError } from '../../src/wire/body.ts';
import { encodeChunk, encodeLastChunk } from '../../src/wire/http1-encode.ts';
import { CHUNKED, type Framing } from '../../src/wire/request-head.ts';

interface Read {
  content: string;
  trailers: readonly string[] | undefined;
  /** What did not belong to the body. */
  rest: string;
}

/** Feeds the pieces one after the other, as a connection would. */
function read(framing: Framing | { kind: 'until-close' }, pieces: readonly Buffer[]): Read {
  const reader = new BodyReader(framing);
  const result: Read = { content: '', trailers: undefined, rest: '' };
  const sink = {
    data: (chunk: Buffer) => {
      expect(result.trailers).toBeUndefined();
      result.content += chunk.toString('latin1');
    },
    end: (trailers: readonly string[]) => {
      expect(result.trailers).toBeUndefined();
      result.trailers = [...trailers];
    },
  };
  for (const piece of pieces) result.rest += piece.subarray(reader.take(piece, sink)).toString('latin1');
  expect(reader.done).toBe(result.trailers !== undefined);
  return result;
}

function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((place, i) => bytes.subarray(place, places[i] ?? bytes.length));
}

const content = fc.uint8Array({ minLength: 1, maxLength: 60 }).map((bytes) => Buffer.from(bytes));
const extension = fc.constantFrom('', ';a', ';a=b', ' ;a="b c"', ';', '\t;\xe9');
const chunk = fc.tuple(content, extension, fc.boolean(), fc.nat(3)).map(([data, more, upper, zeros]) => {
  const size = '0'.repeat(zeros) + data.length.toString(16);
  const line = (upper ? size.toUpperCase() : size) + more;
  return { data, bytes: Buffer.concat([Buffer.from(`${line}\r\n`, 'latin1'), data, Buffer.from('\r\n')]) };
});
const trailers = fc.array(
  fc.tuple(fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,8}$/), fc.stringMatching(/^[!-~]{0,9}$/)),
  { maxLength: 3 },
);

describe('body framing', () => {
  it('a chunked body gives the same content and ends at the same byte however it is split', () => {
    fc.assert(
      fc.property(
        fc.array(chunk, { maxLength: 8 }),
        trailers,
        fc.array(fc.nat(), { maxLength: 30 }),
        fc.stringMatching(/^[ -~]{0,20}$/),
        (chunks, trailer, cuts, next) => {
          const body = Buffer.concat([
            ...chunks.map(({ bytes }) => bytes),
            Buffer.from(encodeLastChunk(trailer.flat()) + next, 'latin1'),
          ]);
          const expected = {
            content: Buffer.concat(chunks.map(({ data }) => data)).toString('latin1'),
            trailers: trailer.flat(),
            rest: next,
          };
          expect(read(CHUNKED, split(body, cuts))).toEqual(expected);
          expect(read(CHUNKED, [body])).toEqual(expected);
          expect(
            read(
              CHUNKED,
              [...body].map((byte) => Buffer.from([byte])),
            ),
          ).toEqual(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('a body of known length ends at that byte however it is split', () => {
    fc.assert(
      fc.property(content, fc.string(), fc.array(fc.nat()), (data, next, cuts) => {
        const rest = Buffer.from(next, 'latin1');
        expect(
          read({ kind: 'length', length: data.length }, split(Buffer.concat([data, rest]), cuts)),
        ).toEqual({ content: data.toString('latin1'), trailers: [], rest: rest.toString('latin1') });
      }),
    );
  });

  it('what we encode we decode', () => {
    fc.assert(
      fc.property(fc.array(content), trailers, (pieces, trailer) => {
        const encoded = pieces.flatMap((piece) => {
          const [before, after] = encodeChunk(piece.length);
          return [Buffer.from(before), piece, Buffer.from(after)];
        });
        const body = Buffer.concat([...encoded, Buffer.from(encodeLastChunk(trailer.flat()))]);
        expect(read(CHUNKED, [body]).content).toBe(Buffer.concat(pieces).toString('latin1'));
      }),
    );
  });

  it('garbage is a FramingError or nothing, never another error', () => {
    const fragment = fc.oneof(
      fc.constantFrom(
        '\r\n',
        '\n',
        '\r',
        '0',
        '5',
        'f',
        ';',
        ':',
        ' ',
        'a: b\r\n',
        '1\r\na\r\n',
        '0\r\n',
        '\0',
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(fragment), fc.array(fc.nat()), (fragments, cuts) => {
        try {
          read(CHUNKED, split(Buffer.from(fragments.join(''), 'latin1'), cuts));
        } catch (error) {
          expect(error).toBeInstanceOf(FramingError);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('trailers made to be slow (ReDoS) cost no more: three thousand of 8,000 spaces within the time of one test', () => {
    const slow = Buffer.from(`0\r\nX:${' '.repeat(8_000)}\0\r\n\r\n`, 'latin1');
    for (let count = 0; count < 3_000; count++) expect(() => read(CHUNKED, [slow])).toThrow(FramingError);
    expect(read(CHUNKED, [Buffer.from('0\r\nX: \t y z \t\r\n\r\n')]).trailers).toEqual(['X', 'y z']);
  });

  it('only a body without a length of its own ends with its connection', () => {
    const ended: string[] = [];
    const sink = (name: string) => ({ data: () => {}, end: () => void ended.push(name) });
    expect(new BodyReader({ kind: 'until-close' }).closed(sink('until-close'))).toBe(true);
    expect(new BodyReader({ kind: 'length', length: 1 }).closed(sink('length'))).toBe(false);
    expect(new BodyReader(CHUNKED).closed(sink('chunked'))).toBe(false);
    expect(ended).toEqual(['until-close']);
  });
});
