import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type DocPage, PAGES, proseOf } from './support/docs-pages.ts';
import { filesUnder, ROOT } from './support/node.ts';

interface Link {
  readonly where: string;
  readonly target: string;
}

const LINK = /!?\[(?:[^\]\\]|\\.)*\]\(([^()\s]+)\)/g;

/** Links and images of a page, without those to other sites and without what only looks like one in code. */
function linksOf(page: DocPage): Link[] {
  return proseOf(page)
    .split('\n')
    .flatMap((text, index) =>
      [...text.replaceAll(/`[^`]*`/g, (code) => code.replaceAll(/[[\]()]/g, ' ')).matchAll(LINK)].map(
        (match) => ({ where: `${page.name}:${index + 1}`, target: match[1] ?? '' }),
      ),
    )
    .filter(({ target }) => !/^(?:https?|mailto):/.test(target));
}

/** The anchors of a page as GitHub makes them: lower case, no punctuation, blanks as dashes. */
function anchorsOf(page: DocPage): string[] {
  const seen = new Map<string, number>();
  return [...proseOf(page).matchAll(/^#{1,6} (.+)$/gm)].map((heading) => {
    const slug = (heading[1] ?? '')
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-');
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  });
}

function isBroken(page: DocPage, { target }: Link): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page.file : join(dirname(page.file), decodeURIComponent(path));
  if (!existsSync(file)) return true;
  if (anchor === undefined) return false;
  const there = PAGES.find((other) => other.file === file);
  return there === undefined || !anchorsOf(there).includes(anchor);
}

describe('the links of the documentation', () => {
  it('lead to files and headings that are there', () => {
    const broken = PAGES.flatMap((page) => linksOf(page).filter((link) => isBroken(page, link)));
    expect(broken.map(({ where, target }) => `${where}: ${target}`)).toEqual([]);
  });

  it('find what is meant: a missing file, a missing heading and a directory', () => {
    const page = PAGES.find(({ name }) => name === 'README.md') as DocPage;
    const judged = ['docs/no-such.md', '#no-such', 'docs/architecture.md#no-such', '#why', 'examples'];
    expect(judged.map((target) => isBroken(page, { where: '', target }))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('lead from README.md to every page, and to every picture', () => {
    const reached = new Set<string>();
    const follow = (file: string): void => {
      if (reached.has(file)) return;
      reached.add(file);
      const page = PAGES.find((other) => other.file === file);
      for (const { target } of page === undefined ? [] : linksOf(page)) {
        const path = join(dirname(file), target.split('#')[0] ?? '');
        if (existsSync(path) && statSync(path).isFile()) follow(path);
      }
    };
    follow(join(ROOT, 'README.md'));
    const orphans = filesUnder(join(ROOT, 'docs')).filter((file) => !reached.has(file));
    expect(orphans.map((file) => relative(ROOT, file))).toEqual([]);
  });
});
