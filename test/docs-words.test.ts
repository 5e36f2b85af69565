import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LATER_OPTIONS, OPTIONS } from '../packages/gateway/src/config/flags.ts';
import { jsonSchema } from '../packages/gateway/src/config/schema.ts';
import { foldHeaderName, isIdentityHeader } from '../packages/gateway/src/http/header-names.ts';
import { type GatewayProcess, startGateway } from './gateway-process.ts';
import { blocksOf, type DocPage, PAGES, proseOf } from './support/docs-pages.ts';
import { filesUnder, ROOT } from './support/node.ts';

/** Words of other programs and standards, by the page that may use them. */
const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  'docs/frameworks/bokeh.md': [
    '--allow-websocket-origin',
    '--include-headers',
    '--prefix',
    '--session-ids',
    '--use-xheaders',
  ],
  'docs/frameworks/command.md': [
    '--allow-websocket-origin',
    '--include-headers',
    '--prefix',
    '--use-xheaders',
  ],
  'docs/frameworks/gradio.md': ['gradio_client'],
  'docs/frameworks/marimo.md': ['Marimo-Server-Token'],
  'docs/identity.md': ['--reuse-sessions', 'cache_by', 'session.groups', 'session.user'],
  'docs/frameworks/panel.md': ['--reuse-sessions'],
  'docs/frameworks/shiny.md': ['session.groups', 'session.user'],
  'docs/headers.md': [
    '--include-headers',
    'dash_enterprise_auth',
    'public_cert',
    'public_certs',
    'session.groups',
    'session.user',
    'x_ms_client_principal',
  ],
  'docs/migration/oauth2-proxy.md': ['auth_request'],
  'docs/performance.md': ['proxy_pass', 'reverse_proxy'],
  'docs/panel.md': ['--auth-module', '--enable-xsrf-cookies', '--exclude-cookies', '--include-cookies'],
  'docs/providers/github.md': ['allow_signup'],
  'docs/providers/gitlab.md': ['external_url'],
  'docs/providers/oidc.md': ['auth_time'],
  'docs/security-model.md': ['--session-ids'],
};

interface Word {
  readonly where: string;
  readonly word: string;
}

const at = (words: readonly Word[]) => words.map(({ where, word }) => `${where}: ${word}`);

/**
 * Code in a page's sentences, line by line. Of a table about moving here only what stands on our side counts; the first
 * column is the other program's.
 */
function codeOf(page: DocPage): Word[] {
  const moving = page.name.includes('/migration/') || page.name === 'docs/panel.md';
  return proseOf(page)
    .split('\n')
    .flatMap((line, index) => {
      const ours = moving && line.startsWith('|') ? line.split('|').slice(2).join('|') : line;
      return [...ours.matchAll(/`([^`]+)`/g)].map(([, word = '']) => ({
        where: `${page.name}:${index + 1}`,
        word,
      }));
    });
}

/** Words in sentences that match, those of other programs left out. */
function wordsIn(pages: readonly DocPage[], pattern: RegExp): Word[] {
  return pages.flatMap((page) =>
    codeOf(page)
      .flatMap(({ where, word }) => [...word.matchAll(pattern)].map((match) => ({ where, word: match[0] })))
      .filter(({ word }) => !(FOREIGN[page.name] ?? []).includes(word)),
  );
}

/** Pages about the gateway; the others are about the workshop. */
const ABOUT_GATEWAY = PAGES.filter(({ name }) => !/^(?:bench|examples)\/|^CONTRIBUTING/.test(name));

/** Every word of the code in these folders. */
function wordsOf(...folders: readonly string[]): ReadonlySet<string> {
  const files = folders
    .flatMap((folder) => filesUnder(join(ROOT, folder)))
    .filter((file) => /\.(?:ts|mjs|py)$/.test(file) && !/docs-words|docs-commands/.test(file));
  return new Set(files.flatMap((file) => readFileSync(file, 'utf8').match(/[A-Za-z_][\w-]*/g) ?? []));
}

/** Metrics have a test of their own below. */
const NO_METRICS = ABOUT_GATEWAY.filter(({ name }) => name !== 'docs/metrics.md');
const known = wordsOf(
  ...['gateway', 'verify', 'embed'].map((name) => `packages/${name}/src`),
  'python/portico/src',
  'scripts',
  'test',
);
const knownToTests = wordsOf('packages/gateway/test');
const knownFolded = new Set([...known].map((word) => word.toLowerCase()));

describe('what the documentation names is there', () => {
  it('every flag', () => {
    const flags = new Set([
      ...OPTIONS.map(({ name }) => name),
      ...Object.keys(LATER_OPTIONS),
      'help',
      'version',
    ]);
    const inBlocks = ABOUT_GATEWAY.flatMap((page) =>
      blocksOf(page, 'sh').flatMap(({ where, text }) =>
        text
          .replaceAll(/\\\n\s*/g, '')
          .split('\n')
          // Behind ` -- ` stand the words of the app's own command.
          .map((line) => line.split(/\s--\s/)[0] ?? '')
          .filter((line) => /\bportico (?:serve|check|demo|sessions)\b/.test(line))
          .flatMap((line) => [...line.matchAll(/--[a-z][a-z-]*/g)].map(([word]) => ({ where, word }))),
      ),
    );
    const inSentences = wordsIn(ABOUT_GATEWAY, /(?<![\w-])--[a-z][a-z-]+(?![\w-]*…)/g);
    const words = [...inBlocks, ...inSentences];
    expect(words.length).toBeGreaterThan(50);
    expect(at(words.filter(({ word }) => !flags.has(word.slice(2))))).toEqual([]);
  });

  it('every environment variable', () => {
    const words = wordsIn(PAGES, /(?<![\w${])(?:PORTICO|PANEL|BOKEH|NODE|AAD|CHROMIUM)_[A-Z_]*[A-Z]\b/g);
    const documented = new Set(OPTIONS.flatMap(({ env, panel = [] }) => [...env, ...panel]));
    expect(words.length).toBeGreaterThan(20);
    expect(
      at(words.filter(({ word }) => ![documented, known, knownToTests].some((names) => names.has(word)))),
    ).toEqual([]);
  });

  it('every key, error code and claim', () => {
    const words = wordsIn(NO_METRICS, /(?<![\w.$/-])[a-z]+(?:_[a-z]+)+\b(?![\w(/-])/g);
    expect(words.length).toBeGreaterThan(100);
    expect(at(words.filter(({ word }) => !known.has(word)))).toEqual([]);
  });

  it('every key with its section', () => {
    const sections = jsonSchema()['properties'] as Record<string, { properties?: object }>;
    const words = wordsIn(ABOUT_GATEWAY, /^(?:tls|session|log|branding|dev)\.[a-z_]+(?=$|:)/g);
    const isThere = (word: string) => {
      const [section = '', key = ''] = word.split('.');
      return Object.keys(sections[section]?.properties ?? {}).includes(key);
    };
    expect(words.length).toBeGreaterThan(3);
    expect(at(words.filter(({ word }) => !isThere(word)))).toEqual([]);
  });

  it('every room of the gateway, and no other', () => {
    const page = PAGES.find(({ name }) => name === 'docs/architecture.md');
    const [, table = ''] = /^## Rooms$([\s\S]*?)^## /m.exec(page?.text ?? '') ?? [];
    const named = table.split('\n').flatMap((row) => row.split('|')[1]?.match(/[\w.]+(?:\.ts|\/)/g) ?? []);
    const rooms = readdirSync(join(ROOT, 'packages/gateway/src'), { withFileTypes: true });
    const there = rooms.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
    expect(named.toSorted()).toEqual(there.toSorted());
  });

  it('every header', () => {
    const words = wordsIn(ABOUT_GATEWAY, /^[A-Z][a-z]*(?:-[A-Z][A-Za-z]*)+$/g);
    const isThere = (word: string) => isIdentityHeader(word) || knownFolded.has(foldHeaderName(word));
    expect(words.length).toBeGreaterThan(10);
    expect(at(words.filter(({ word }) => !isThere(word)))).toEqual([]);
  });
});

describe('what the documentation says of a running gateway', () => {
  let gateway: GatewayProcess;
  beforeAll(async () => {
    gateway = await startGateway({ args: ['serve', '--dev', '--upstream', 'http://127.0.0.1:1'] });
  });
  afterAll(() => gateway?.stop());

  /** Keys for verifiers of other gateways: only where an app has their profile (gate/profiles.test.ts). */
  const WITH_PROFILE = /^\/\.auth\/(?:cloudflare-access|google-iap)/;
  const paths = new Map<string, string>();
  for (const { where, word } of wordsIn(ABOUT_GATEWAY, /\/\.auth(?:\/[\w<>.…*-]*)*/g)) {
    const path = word.replace(/[*…]+$/, '').replace(/(\/(?:login|logout)\/)[^/]+/, '$1dev');
    if (!WITH_PROFILE.test(path) && !paths.has(path)) paths.set(path, where);
  }

  it('every metric is told', async () => {
    const page = ABOUT_GATEWAY.filter(({ name }) => name === 'docs/metrics.md');
    const told = await (await fetch(`${gateway.url}/.auth/metrics`)).text();
    const families = new Set([...told.matchAll(/^# TYPE (\w+) /gm)].map(([, name = '']) => name));
    const words = wordsIn(page, /\b(?:portico|process|nodejs)_\w+/g);
    expect(words.length).toBeGreaterThan(12);
    expect(at(words.filter(({ word }) => !families.has(word.replace(/_bucket$/, ''))))).toEqual([]);
  });

  it.each([...paths])('%s answers (%s)', async (path) => {
    const headers = { 'sec-fetch-mode': 'navigate', accept: 'text/html' };
    const method = path.endsWith('/backchannel') ? 'POST' : 'GET';
    const response = await fetch(gateway.url + path, { method, headers, redirect: 'manual' });
    // The embedded provider answers below its prefix only.
    const address = path === '/.auth/dev' ? `${path}/.well-known/openid-configuration` : path;
    const status = address === path ? response.status : (await fetch(gateway.url + address)).status;
    expect(status).not.toBe(404);
  });
});
