import { expect, test } from 'vitest';
import { addressOf } from '../src/inline/address.ts';
import { Files } from '../src/inline/files.ts';
import { rootToHtml, Styles } from '../src/inline/styles.ts';

const SHEETS: Readonly<Record<string, string>> = {
  '/sales/css/base.css': 'p { background: url(../dot.png) }',
  '/sales/dot.png': 'dot',
};

function setUp() {
  const fonts: string[] = [];
  const asked: string[] = [];
  const send: typeof fetch = async (input) => {
    const { pathname } = new URL(String(input));
    asked.push(pathname);
    const body = SHEETS[pathname];
    return body === undefined ? new Response(null, { status: 404 }) : new Response(body);
  };
  const head = { append: (...parts: readonly string[]) => fonts.push(parts.join('').trim()) };
  const files = new Files(send);
  const address = addressOf(new URL('https://apps.example.com/sales/page'));
  return { fonts, asked, styles: new Styles(address, files, head) };
}

test.each([
  [':root { --a: 1 }', ':where(html):not(._) { --a: 1 }'],
  [':root[data-dark], :root.x p {}', ':where(html):not(._)[data-dark], :where(html):not(._).x p {}'],
  [':root-thing {}', ':root-thing {}'],
])('%s is meant for the app’s own html', (css, expected) => {
  expect(rootToHtml(css)).toBe(expected);
});

test('imports of the app are in place, with their addresses relative to themselves', async () => {
  const { styles } = setUp();
  const css = await styles.ready(
    '@import "css/base.css" screen;\n@import url(https://cdn.example.com/x.css);',
  );
  expect(css).toMatch(/^@media screen \{p \{ background: url\("blob:[^"]+"\) \}\}\n@import url\(/);
});

test('a file is fetched once, other hosts and data are left alone', async () => {
  const { styles, asked } = setUp();
  const css = 'a{b:url(dot.png);c:url("dot.png");d:url(https://cdn.example.com/e.png);f:url(data:,g)}';
  expect(await styles.ready(css)).toMatch(
    /^a\{b:url\("(blob:[^"]+)"\);c:url\("\1"\);d:url\("https:\/\/cdn\.example\.com\/e\.png"\);f:url\(data:,g\)\}$/,
  );
  expect(asked).toEqual(['/sales/dot.png']);
});

test('fonts go to the page’s head, each once, with absolute addresses', async () => {
  const { styles, fonts } = setUp();
  const css = '@font-face { font-family: A; src: url(a.woff2) }';
  await styles.ready(css);
  await styles.ready(css);
  expect(fonts).toEqual([
    '@font-face { font-family: A; src: url("https://apps.example.com/sales/a.woff2") }',
  ]);
});
