import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ADVISORIES } from './security-advisories.ts';
import { type SecurityFact, STATEMENTS } from './security-facts.ts';

/** Ways in which a test that is written does not run. */
const NOT_RUN = /\b(?:describe|it|test)\.(?:skip|skipIf|runIf|todo|fails|only)\b/;

function sourceOf(file: string): string {
  const url = new URL(file, import.meta.url);
  return existsSync(url) ? readFileSync(url, 'utf8') : '';
}

/** Whether a test or a group has this title: the first argument of a call, in whatever quotes. */
function hasTest(source: string, title: string): boolean {
  const literal = title.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return ["'", '"', '`'].some((quote) => new RegExp(`\\(\\s*${quote}${literal}${quote},`).test(source));
}

const facts: readonly (readonly [name: string, fact: SecurityFact])[] = [
  ...Object.entries(STATEMENTS).map(([number, fact]) => [`statement ${number}`, fact] as const),
  ...Object.entries(ADVISORIES),
];

describe('what must hold is proved by tests that are there and run', () => {
  it.each(facts)('%s', (_name, { proofs }) => {
    const missing = Object.entries(proofs).flatMap(([file, titles]) => {
      const source = sourceOf(file);
      if (NOT_RUN.test(source)) return [`${file} leaves tests out`];
      return titles.filter((title) => !hasTest(source, title)).map((title) => `${file}: ${title}`);
    });
    expect(missing).toEqual([]);
    expect(Object.values(proofs).flat()).not.toEqual([]);
  });
});

it('no number is left out', () => {
  expect(Object.keys(STATEMENTS)).toEqual(Array.from({ length: 19 }, (_, index) => String(index + 1)));
});

it('an advisory that one of these tests names has its own entry', () => {
  const named = Object.values(ADVISORIES).flatMap(({ proofs }) => Object.keys(proofs));
  const texts = new Set(named.map(sourceOf));
  const all = [...texts].join('\n').match(/\b(?:CVE-\d{4}-\d+|GHSA-[0-9a-z]{4})\b/g) ?? [];
  // Those of parsers and protocols stand beside the cases of the listener, which has no table of its own.
  const elsewhere = new Set(['CVE-2024-22019', 'CVE-2023-44487', 'CVE-2024-27983']);
  expect(all.filter((one) => !(one in ADVISORIES) && !elsewhere.has(one))).toEqual([]);
});
