import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ASSET_PREFIX } from '../../src/http/asset.ts';
import { assetReply, assetUrl } from '../../src/http/assets.ts';

function ask(url: string, method = 'GET', ifNoneMatch?: string) {
  const [path = '', query = ''] = url.split('?');
  const header = (name: string) => (name === 'if-none-match' ? ifNoneMatch : undefined);
  const reply = assetReply({ method, path, query, header });
  return { ...reply, header: (name: string) => reply.headers.find(([key]) => key === name)?.[1] };
}

describe('assets', () => {
  test('are kept for ever under the address that pages use', () => {
    const reply = ask(assetUrl('portico.css'));
    expect(reply.status).toBe(200);
    expect(reply.header('content-type')).toBe('text/css; charset=utf-8');
    expect(reply.header('cache-control')).toContain('immutable');
  });

  test('are asked for again when the version is absent or another', () => {
    for (const query of ['', '?v=', '?v=old']) {
      const reply = ask(`${ASSET_PREFIX}portico.css${query}`);
      expect(reply.status).toBe(200);
      expect(reply.header('cache-control')).toBe('no-cache');
    }
  });

  test('are not sent twice', () => {
    const etag = ask(assetUrl('logo.svg')).header('etag') ?? '';
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const reply = ask(assetUrl('logo.svg'), 'GET', known);
      expect([reply.status, reply.body]).toEqual([304, '']);
    }
    expect(ask(assetUrl('logo.svg'), 'GET', '"other"').status).toBe(200);
  });

  test('are only read', () => {
    for (const method of ['POST', 'PUT', 'DELETE'])
      expect(ask(assetUrl('logo.svg'), method).status).toBe(405);
  });

  test('no other path leads to a file', () => {
    const names = ['portico.css', 'starting.js', 'frame.js', 'logo.svg', 'colonnade.svg'];
    const part = fc.constantFrom(
      '..',
      '.',
      '',
      'demo',
      'package.json',
      '%2e%2e',
      '\\',
      '__proto__',
      'constructor',
      'toString',
      ...names,
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 6 }).map((parts) => parts.join('/')),
        (name) => {
          fc.pre(!names.includes(name));
          expect(ask(ASSET_PREFIX + name).status).toBe(404);
        },
      ),
    );
    expect(ask('/portico.css').status).toBe(404);
  });
});
