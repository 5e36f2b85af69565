import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf, PAGES } from './support/docs-pages.ts';
import { environmentWith, GATEWAY, ROOT } from './support/node.ts';

const EMBED = join(ROOT, 'packages', 'embed');
/** Bytes after compression of all that a page loads to show an app in a frame. */
const LARGEST = 8000;
const folder = mkdtempSync(join(tmpdir(), 'portico-embed-'));
const installed = join(folder, 'node_modules', '@portico', 'embed', 'dist');
let packed: readonly string[] = [];

function run(command: string, args: readonly string[], cwd = folder) {
  const shell = process.platform === 'win32';
  return spawnSync(command, args, {
    cwd,
    env: environmentWith(process.execPath),
    encoding: 'utf8',
    shell,
    timeout: 120_000,
  });
}

beforeAll(() => {
  const pack = run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], EMBED);
  const report: unknown = JSON.parse(pack.stdout);
  const [entry] = Object.values(report as Record<string, { filename: string; files: { path: string }[] }>);
  packed = entry?.files.map((file) => file.path) ?? [];
  const options = ['--no-audit', '--no-fund', '--offline', '--loglevel=error'];
  // Offline: it needs nothing from a registry.
  const install = run('npm', ['install', ...options, join(folder, entry?.filename ?? '')]);
  expect([install.stderr, install.status]).toEqual(['', 0]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A script and the scripts that it imports before it runs. */
function together(name: string, seen = new Set<string>()): Set<string> {
  seen.add(name);
  const text = readFileSync(join(installed, name), 'utf8');
  for (const [, file = ''] of text.matchAll(/(?:^|[;}])import(?:[^"'(]*?from)?["']\.\/([\w-]+\.js)["']/g))
    if (!seen.has(file)) together(file, seen);
  return seen;
}

describe('@portico/embed, packed and installed into an empty folder', () => {
  it('holds the scripts with their types, the licence, and nothing of the workshop', () => {
    const needed = ['portico.js', 'inline.js', 'app.js', 'index.d.ts'].map((name) => `dist/${name}`);
    expect(packed).toEqual(expect.arrayContaining([...needed, 'package.json', 'README.md', 'LICENSE']));
    expect(packed.filter((path) => /^(src|test)\/|\.portico-build|tsconfig|vite/.test(path))).toEqual([]);
    expect(readFileSync(join(EMBED, 'LICENSE'), 'utf8')).toBe(readFileSync(join(ROOT, 'LICENSE'), 'utf8'));
  });

  it(`costs a page less than ${LARGEST} bytes to show an app in a frame`, () => {
    const files = [...together('portico.js')].map((name) => gzipSync(readFileSync(join(installed, name))));
    expect(files.reduce((sum, file) => sum + file.length, 0)).toBeLessThan(LARGEST);
    expect([...together('portico.js')]).not.toContain('inline.js');
    expect([...together('app.js')]).toEqual(['app.js']);
  });

  it('is what the gateway serves and is packed with', () => {
    const served = join(GATEWAY, 'assets', 'embed');
    const scripts = readdirSync(installed).filter((name) => name.endsWith('.js'));
    expect(readdirSync(served).toSorted()).toEqual(scripts.toSorted());
    for (const name of scripts)
      expect(readFileSync(join(served, name), 'utf8')).toBe(readFileSync(join(installed, name), 'utf8'));
    const report = run('npm', ['pack', '--json', '--dry-run', '--ignore-scripts'], GATEWAY).stdout;
    for (const name of scripts) expect(report).toContain(`assets/embed/${name}`);
  });

  it('can be imported where there is no page, as a server does that draws one beforehand', () => {
    const code = `const { PorticoAppElement, installFetchInterceptor } = await import('@portico/embed');
      console.log(typeof PorticoAppElement, typeof installFetchInterceptor);`;
    const result = run(process.execPath, ['--input-type=module', '-e', code]);
    expect([result.stderr, result.stdout]).toEqual(['', 'function function\n']);
  });

  it('has types under which every example of the documentation is right', () => {
    const documented = PAGES.filter(
      ({ name }) => name === 'docs/embedding.md' || name === 'packages/embed/README.md',
    );
    const blocks = documented.flatMap((page) => blocksOf(page, 'ts'));
    expect(blocks.length).toBeGreaterThan(4);
    mkdirSync(join(folder, 'typed'));
    blocks.forEach(({ text }, index) => {
      // A block without an import goes on where one with it ended.
      const program = /^import /m.test(text) ? text : `import '@portico/embed';\n${text}`;
      writeFileSync(join(folder, 'typed', `${index}.ts`), program);
    });
    const { compilerOptions } = JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8'));
    const { paths: _, ...strict } = compilerOptions;
    const browser = { ...strict, lib: ['es2024', 'dom', 'dom.iterable'], types: [], skipLibCheck: false };
    const tsconfig = { compilerOptions: browser, include: ['*.ts'] };
    writeFileSync(join(folder, 'typed', 'tsconfig.json'), JSON.stringify(tsconfig));
    writeFileSync(join(folder, 'typed', 'package.json'), '{"type":"module"}');
    const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    expect(run(process.execPath, [compiler, '-p', join(folder, 'typed')]).stdout).toBe('');
  });
});
