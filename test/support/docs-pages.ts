import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { filesUnder, ROOT } from './node.ts';

export interface DocPage {
  /** Absolute. */
  readonly file: string;
  /** From the root of the repository, with `/`. */
  readonly name: string;
  readonly text: string;
}

/** What stands between two lines of three backticks. */
export interface Block {
  readonly page: DocPage;
  /** `docs/x.md:12`, the line of the opening backticks. */
  readonly where: string;
  readonly line: number;
  readonly language: string;
  /** Without the indentation of a block inside a list. */
  readonly text: string;
}

const BESIDE_DOCS = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'packages/gateway/README.md',
  'packages/verify/README.md',
  'packages/embed/README.md',
  'examples/README.md',
  'bench/README.md',
  'contract/assertion.md',
];

/** Every page that a reader of the repository is led to. */
export const PAGES: readonly DocPage[] = BESIDE_DOCS.map((name) => join(ROOT, name))
  .filter((file) => existsSync(file))
  .concat(filesUnder(join(ROOT, 'docs')).filter((file) => file.endsWith('.md')))
  .map((file) => ({
    file,
    name: relative(ROOT, file).replaceAll('\\', '/'),
    text: readFileSync(file, 'utf8'),
  }));

const FENCED = /^( *)```(\w*)[^\n]*\n([\s\S]*?)^\1```[ \t]*$/gm;

/** The blocks of a page in one of these languages; all of them without any. */
export function blocksOf(page: DocPage, ...languages: readonly string[]): Block[] {
  return [...page.text.matchAll(FENCED)].flatMap((match) => {
    const [, indent = '', language = '', inside = ''] = match;
    if (languages.length > 0 && !languages.includes(language)) return [];
    const line = page.text.slice(0, match.index).split('\n').length;
    const text = inside.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
    return [{ page, where: `${page.name}:${line}`, line, language, text }];
  });
}

/** A page without its blocks and comments; the lines keep their numbers. */
export function proseOf(page: DocPage): string {
  const blank = (text: string) => text.replaceAll(/[^\n]/g, '');
  return page.text.replaceAll(FENCED, blank).replaceAll(/<!--[\s\S]*?-->/g, blank);
}
