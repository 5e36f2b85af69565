import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CATALOGUE } from '../src/identity/errors/catalogue.ts';
import { WAYS_ON } from '../src/identity/errors/ways-on.ts';

const SOURCE = new URL('../src/', import.meta.url);
const read = (path: string): string =>
  readFileSync(new URL(`../../../docs/${path}`, import.meta.url), 'utf8');

/** Where a code is written: the error itself, a helper that makes one, a refusal, and JSON without an error behind it. */
const WRITTEN = [
  /\b(?:GatewayError|super|fail|failed|refused)\(\s*'([a-z]+(?:_[a-z]+)+)'/g,
  /kind: '(?:login|deny)', code: '([a-z_]+)'/g,
  /\bcode: '(cross_origin)'/g,
  /\bjson\(\s*\d{3},\s*\{ error: [^'}]*'([a-z_]+)'(?: : '([a-z_]+)')?/g,
];

/** A code together with its status, where both stand in one place. */
const WITH_STATUS = /\b(?:GatewayError|super|fail|failed|refused)\(\s*'([a-z_]+)',\s*(\d{3})/g;

const statuses: [code: string, status: string][] = Object.entries(WAYS_ON).map(([code, { status }]) => [
  code,
  String(status),
]);
const codes = new Set<string>(Object.keys(WAYS_ON));
for (const file of readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })) {
  if (!file.endsWith('.ts')) continue;
  const text = readFileSync(new URL(file, SOURCE), 'utf8');
  for (const [, code = '', status = ''] of text.matchAll(WITH_STATUS)) statuses.push([code, status]);
  for (const pattern of WRITTEN)
    for (const [, ...found] of text.matchAll(pattern)) for (const code of found) if (code) codes.add(code);
}

describe('docs/errors.md', () => {
  const rows = [...read('errors.md').matchAll(/^\| `(\w+)` \| ([\d, ]+) \| (.+) \| (.+) \|$/gm)];
  const documented = rows.map(([, code]) => code ?? '');

  test('finds the codes in the source', () => {
    expect(codes.size).toBeGreaterThan(60);
    for (const code of [
      'app_unreachable',
      'login_state_used',
      'logout_failed',
      'config_invalid',
      'forbidden',
    ])
      expect([...codes]).toContain(code);
  });

  test('has a row for every code of the gateway', () => {
    expect([...codes].filter((code) => !documented.includes(code)).toSorted()).toEqual([]);
  });

  test('has no row for a code that is gone, and none twice', () => {
    expect(documented.filter((code) => !codes.has(code))).toEqual([]);
    expect(new Set(documented).size).toBe(documented.length);
  });

  test('has the status that people get', () => {
    expect(statuses.length).toBeGreaterThan(60);
    const wrong = statuses.filter(([code, status]) => {
      const row = rows.find(([, documented]) => documented === code);
      return !row?.[2]?.split(', ').includes(status);
    });
    expect(wrong).toEqual([]);
  });
});

describe('docs/providers/troubleshooting.md', () => {
  const page = read('providers/troubleshooting.md');

  test('has what each vendor says, in the order and words of the catalogue', () => {
    const vendors = [...new Set(CATALOGUE.map(({ vendor }) => vendor))];
    const sections = vendors.map((vendor) => {
      const entries = CATALOGUE.filter((entry) => entry.vendor === vendor);
      const rows = entries.map(
        ({ id, wayOn, happened, fix, link }) => `| [${id}](${link}) | ${happened} | ${fix} | \`${wayOn}\` |`,
      );
      return `## ${vendor}\n\n| Message | What happened | What to do | Code |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
    });
    expect(page.slice(page.indexOf('\n## ') + 1)).toBe(sections.join('\n'));
  });
});
