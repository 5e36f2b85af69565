import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isMessage } from '../src/messages.ts';

describe('a message', () => {
  test.each([
    { portico: 1, kind: 'event', name: 'picked' },
    {
      portico: 1,
      kind: 'event',
      name: 'picked',
      data: { any: ['thing'] },
      later: 'members are of no interest',
    },
    { portico: 1, kind: 'state', name: 'ready' },
    { portico: 1, kind: 'request', id: 1, name: 'add', data: [1] },
    { portico: 1, kind: 'reply', id: 1, data: 2 },
    { portico: 1, kind: 'reply', id: 1, error: 'no_handler' },
  ])('is %j', (message) => {
    expect(isMessage(message)).toBe(true);
  });

  test.each([
    undefined,
    null,
    'portico',
    [],
    { kind: 'event', name: 'picked' },
    { portico: '1', kind: 'event', name: 'picked' },
    { portico: 2, kind: 'event', name: 'picked' },
    { portico: 1, kind: 'shout', name: 'picked' },
    { portico: 1, kind: 'event' },
    { portico: 1, kind: 'event', name: '' },
    { portico: 1, kind: 'event', name: ['picked'] },
    { portico: 1, kind: 'request', name: 'add' },
    { portico: 1, kind: 'request', id: '1', name: 'add' },
    { portico: 1, kind: 'request', id: 1 },
    { portico: 1, kind: 'reply' },
    { portico: 1, kind: 'reply', id: 1.5 },
    { portico: 1, kind: 'reply', id: 1, error: { toString: 'no' } },
  ])('is not %j', (message) => {
    expect(isMessage(message)).toBe(false);
  });

  test('is nothing that other scripts on the page say to each other', () => {
    fc.assert(
      fc.property(fc.anything(), (data) => {
        fc.pre(typeof data !== 'object' || data === null || !('portico' in data));
        expect(isMessage(data)).toBe(false);
      }),
    );
  });
});
