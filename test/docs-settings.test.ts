import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { recognise } from '../packages/gateway/src/apps/recognise.ts';
import { loadSettings } from '../packages/gateway/src/config/load.ts';
import { ConfigError } from '../packages/gateway/src/config/problems.ts';
import { jsonSchema } from '../packages/gateway/src/config/schema.ts';
import { GatewayError } from '../packages/gateway/src/core/errors.ts';
import { createProvider } from '../packages/gateway/src/identity/create.ts';
import { blocksOf, type DocPage, PAGES, proseOf } from './support/docs-pages.ts';
import { GATEWAY } from './support/node.ts';

type Tree = Record<string, unknown>;

/** What a fragment lacks to be a whole portico.yaml. */
const REST: Tree = {
  public_url: 'https://apps.example.com',
  secret: 'Zk3vJq8sWm1xTn5bYc7rLd2fHg9pQa4e',
  apps: { sales: { upstream: 'http://127.0.0.1:8501' } },
};
const PROVIDER: Tree = { type: 'oidc', issuer: 'https://login.example.com', client_id: 'portico' };

const fixture = (name: string) => readFileSync(join(GATEWAY, 'test', 'fixtures', name), 'utf8');

/** Contents for the files that a configuration names and its page does not show. */
function fileFor(path: string): string {
  if (/key\w*\.pem$/.test(path)) return fixture('localhost.key.pem');
  if (path.endsWith('.pem')) return fixture('localhost.cert.pem');
  if (path.endsWith('.json')) return '{"ada": "pencil"}';
  if (path.endsWith('.ts')) return 'export default () => true;\n';
  return 'a-secret-of-more-than-32-characters\n';
}

/** Every relative path in a tree; absolute ones outside the folder are brought into it. */
function localPaths(value: unknown, found: string[] = []): unknown {
  if (typeof value === 'string' && /^(?:\.\/|\/run\/)[\w./-]+$/.test(value)) {
    const local = value.startsWith('/') ? `.${value}` : value;
    found.push(local);
    return local;
  }
  if (Array.isArray(value)) return value.map((inside) => localPaths(inside, found));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, localPaths(inside, found)]));
}

/** The files whose names stand above their contents: a name in backticks with a colon. */
function filesOf(page: DocPage): Map<string, string> {
  const named = page.text.matchAll(/^`([\w./-]+)`:\n\n```\w+\n([\s\S]*?)^```$/gm);
  return new Map([...named].map(([, name = '', text = '']) => [join(name), text]));
}

/** What is wrong with this configuration in the judgement of the gateway itself. */
async function problemsOf(page: DocPage, tree: Tree): Promise<string[]> {
  const cwd = mkdtempSync(join(tmpdir(), 'portico-docs-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  const paths: string[] = [];
  const local = localPaths({ ...REST, ...tree }, paths) as Tree;
  if (local['providers'] === undefined && local['dev'] === undefined)
    local['providers'] = { company: PROVIDER };
  const shown = filesOf(page);
  const folders = new Map<string, string>(
    paths
      .filter((path) => ![...shown.keys()].some((name) => name.startsWith(`${join(path)}/`)))
      .map((path) => [path, fileFor(path)]),
  );
  for (const [name, text] of [...folders, ...shown]) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  // JSON is YAML, too.
  const yaml = JSON.stringify(local);
  writeFileSync(join(cwd, 'portico.yaml'), yaml);
  const names = [...yaml.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name);
  const env = Object.fromEntries(names.map((name) => [name, `value-of-${name}-${'x'.repeat(32)}`]));
  try {
    const { settings } = await loadSettings({
      options: {},
      env,
      cwd,
      purpose: 'check',
      recognise: (argv) => recognise(argv, () => undefined),
      isTerminal: false,
      clock: () => Date.UTC(2026, 0, 1),
      randomBytes: (size) => new Uint8Array(size),
    });
    // What a plug-in says at its start is its author's business.
    const built = settings.providers.filter(({ type }) => type !== 'plugin');
    for (const provider of built) await createProvider(provider, { clock: Date.now, random: randomBytes });
    return [];
  } catch (error) {
    if (error instanceof GatewayError && !(error instanceof ConfigError)) return [error.message];
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((problem) => JSON.stringify(problem));
  }
}

const blocks = PAGES.flatMap((page) => blocksOf(page, 'yaml', 'yml'));

describe('every yaml block in the documentation', () => {
  it.each(blocks)('is a configuration without problems: $where', async ({ page, text }) => {
    expect(await problemsOf(page, parse(text) as Tree)).toEqual([]);
  });
});

type Place = 'top' | 'app' | 'provider';
const schema = jsonSchema() as { properties: Record<string, { additionalProperties?: unknown }> };
const keysUnder = (node: unknown): string[] => {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key === 'properties'
      ? Object.keys(value as object)
      : ['anyOf', 'oneOf', 'allOf'].includes(key)
        ? (value as unknown[]).flatMap(keysUnder)
        : [],
  );
};
const KEYS: Readonly<Record<Place, readonly string[]>> = {
  top: Object.keys(schema.properties),
  app: keysUnder(schema.properties['apps']?.additionalProperties),
  provider: keysUnder(schema.properties['providers']?.additionalProperties),
};

interface Fragment {
  readonly page: DocPage;
  readonly where: string;
  readonly text: string;
  readonly place: Place;
}

/** `key: value` in the middle of a sentence. What a provider's page says is about a provider. */
function fragmentsOf(page: DocPage): Fragment[] {
  return proseOf(page)
    .split('\n')
    .flatMap((line, index) =>
      [...line.matchAll(/`([a-z_]+): ([^`]+)`/g)].flatMap(([code, key = '']) => {
        const order: readonly Place[] = page.name.includes('/providers/')
          ? ['provider', 'top', 'app']
          : ['top', 'app', 'provider'];
        const place = order.find((one) => KEYS[one].includes(key));
        if (place === undefined || key === 'type') return [];
        return [{ page, where: `${page.name}:${index + 1}`, text: code.slice(1, -1), place }];
      }),
    );
}

/** The example at the top of a provider's page. */
function exampleOf(page: DocPage): Record<string, Tree> | undefined {
  const [first] = blocksOf(page, 'yaml').map(
    ({ text }) => parse(text) as { providers?: Record<string, Tree> },
  );
  return page.name.includes('/providers/') ? first?.providers : undefined;
}

/**
 * The fragment in its place: at the top, below an app, or below the provider that the page describes; on a page about
 * no provider, below each that there is.
 */
function completed({ page, text, place }: Fragment): Tree[] {
  const given = parse(text) as Tree;
  if (place === 'top') return [given];
  if (place === 'app') return [{ apps: { sales: { upstream: 'http://127.0.0.1:8501', ...given } } }];
  const own = exampleOf(page);
  const examples = own === undefined ? PAGES.map(exampleOf).filter((one) => one !== undefined) : [own];
  return examples.flatMap((providers) =>
    Object.entries(providers)
      .slice(0, 1)
      .map(([name, described]) => ({ providers: { [name]: { ...described, ...given } } })),
  );
}

/** What is wrong wherever the fragment may stand; nothing when it is right somewhere. */
async function problemsEverywhere(fragment: Fragment): Promise<string[]> {
  const found = await Promise.all(completed(fragment).map((tree) => problemsOf(fragment.page, tree)));
  return found.some((problems) => problems.length === 0) ? [] : found.flat();
}

/** Providers without OpenID Connect, whose pages say that these are refused. */
const isRefused = ({ page, text }: Fragment) =>
  /\/(?:github|bitbucket|oauth2)\.md$/.test(page.name) && text === 'par: required';

const fragments = PAGES.flatMap(fragmentsOf);

describe('every key with a value in the middle of a sentence', () => {
  it.each(fragments.filter((one) => !isRefused(one)))('is understood: $where, $text', async (fragment) => {
    expect(await problemsEverywhere(fragment)).toEqual([]);
  });

  it.each(fragments.filter(isRefused))(
    'is refused where the page says so: $where, $text',
    async (fragment) => {
      expect(await problemsEverywhere(fragment)).toHaveLength(1);
    },
  );
});
