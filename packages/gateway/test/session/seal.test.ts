import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Sealer, sealVersion } from '../../src/session/seal.ts';
import { SECRET } from './fixtures.ts';

const sealer = new Sealer([SECRET]);
const text = (value: Uint8Array | undefined) => value && Buffer.from(value).toString();

describe('Sealing', () => {
  it('opens what it sealed, whatever it was', () => {
    fc.assert(
      fc.property(fc.string(), fc.uint8Array(), fc.string(), (purpose, plaintext, aad) => {
        const opened = sealer.open(purpose, sealer.seal(purpose, plaintext, aad), aad);
        expect(new Uint8Array(opened ?? [9])).toEqual(new Uint8Array(plaintext));
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (plaintext) => {
        expect(sealer.openText('p', sealer.sealText('p', plaintext))).toBe(plaintext);
      }),
    );
  });

  it('opens nothing that was changed in any bit, cut or lengthened', () => {
    const sealed = sealer.seal('session', Buffer.from('Ada'), 'row');
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = new Uint8Array(sealed);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(sealer.open('session', changed, 'row'), `bit ${bit}`).toBeUndefined();
    }
    for (let end = 0; end < sealed.length; end++) {
      expect(sealer.open('session', sealed.subarray(0, end), 'row')).toBeUndefined();
    }
    expect(sealer.open('session', Buffer.concat([sealed, Buffer.of(0)]), 'row')).toBeUndefined();
  });

  it('opens nothing made up, and never throws at it', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (junk) => sealer.open('p', junk) === undefined));
    fc.assert(fc.property(fc.string(), (junk) => sealer.openText('p', junk) === undefined));
  });

  it('opens only one spelling of a text', () => {
    const sealed = sealer.sealText('p', 'x');
    for (const other of [`${sealed}=`, ` ${sealed}`, `${sealed}\n`, `${sealed}!`]) {
      expect(sealer.openText('p', other)).toBeUndefined();
    }
  });

  it('opens nothing for another purpose, in another row, or with another secret', () => {
    const sealed = sealer.seal('session', Buffer.from('Ada'), 'row');
    expect(text(sealer.open('session', sealed, 'row'))).toBe('Ada');
    expect(sealer.open('login', sealed, 'row')).toBeUndefined();
    expect(sealer.open('session', sealed, 'other row')).toBeUndefined();
    expect(sealer.open('session', sealed)).toBeUndefined();
    expect(new Sealer(['another secret']).open('session', sealed, 'row')).toBeUndefined();
  });

  it('rotates secrets: the first seals, all open, a dropped one opens no more', () => {
    const old = new Sealer(['old']).seal('p', Buffer.from('x'));
    const both = new Sealer(['new', 'old']);
    expect(text(both.open('p', old))).toBe('x');
    const fresh = both.seal('p', Buffer.from('y'));
    expect(text(new Sealer(['new']).open('p', fresh))).toBe('y');
    expect(new Sealer(['new']).open('p', old)).toBeUndefined();
    expect(new Sealer(['old']).open('p', fresh)).toBeUndefined();
  });

  it('seals the same bytes differently each time, with a version that tells', () => {
    const one = sealer.seal('p', Buffer.from('x'));
    const two = sealer.seal('p', Buffer.from('x'));
    expect(one).not.toEqual(two);
    expect(sealVersion(one)).not.toBe(sealVersion(two));
    expect(sealVersion(one)).toBe(sealVersion(new Uint8Array(one)));
  });

  it('needs a secret', () => {
    const noSecret = expect.objectContaining({ code: 'no_secret' });
    expect(() => new Sealer([])).toThrow(noSecret);
    expect(() => new Sealer(['good', ''])).toThrow(noSecret);
  });
});
