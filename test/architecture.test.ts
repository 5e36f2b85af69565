import { readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesUnder, GATEWAY, ROOT } from './support/node.ts';

/**
 * The rooms of the gateway from the ground up. A room may import from a lower floor and from itself, never from a
 * neighbour on its own floor: so every room can be read, tested and replaced with only what lies below it in mind.
 */
const FLOORS: readonly (readonly string[])[] = [
  ['core'],
  ['http', 'wire', 'telemetry'],
  ['config', 'session', 'identity', 'policy', 'bearer', 'assertion'],
  ['login', 'embed', 'delegation', 'proxy', 'apps', 'devidp', 'demo'],
  ['gate'],
  ['gateway'],
  ['gateway.ts', 'check'],
  ['cli'],
  ['main.ts'],
];

/** Neighbours that may look into each other's rooms after all, each for one reason. */
const DOORS: readonly { readonly from: string; readonly to: string; readonly why: string }[] = [
  {
    from: 'wire',
    to: 'http',
    why: 'header names and request targets are judged in one place, by the same bytes',
  },
  {
    from: 'policy',
    to: 'session',
    why: 'only a live session can be permitted; its type is needed, not its life',
  },
  { from: 'config', to: 'policy', why: 'a malformed rule is reported when the configuration is read' },
  { from: 'bearer', to: 'config', why: 'an issuer is built from its settings, which are plain values' },
  {
    from: 'bearer',
    to: 'session',
    why: 'a token that is good becomes a live session; what has ended is in the store',
  },
  {
    from: 'bearer',
    to: 'identity',
    why: 'claims mean the same in a token as at sign-in, and issuers are asked as carefully as providers',
  },
  { from: 'identity', to: 'config', why: 'a provider is built from its settings, which are plain values' },
];

/** Which rooms or files may import a package; everything that is not here may be imported by nobody. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  'openid-client': ['identity'],
  'hash-wasm': ['identity/password'],
  'oidc-provider': ['devidp'],
  'node:sqlite': ['session/stores/sqlite'],
  zod: ['config'],
  yaml: ['config'],
  jose: ['assertion', 'bearer', 'identity', 'login', 'session', 'devidp', 'demo'],
  pino: ['telemetry'],
  'prom-client': ['telemetry'],
  ws: ['demo'],
};

/** Files whose types other people's code may name. */
const PUBLIC_TYPES = new Set(['identity/plugin.ts', 'policy/hook.ts', 'config/provider-settings.ts']);

const EXPORT = /^export (?:async )?(?:const|function\*?|class|interface|type) (\w+)/gm;
const LONGEST_FILE = 350;
const SOURCE = join(GATEWAY, 'src');
const IMPORT =
  /(?:^|[\s;}])(?:import|export)\s+(?:type\s+)?(?:[\w*{][^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm;

interface Source {
  /** Relative to src, with `/`. */
  readonly path: string;
  readonly room: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const posix = (path: string) => path.split(sep).join('/');
const roomOf = (path: string) => path.split('/')[0] ?? path;

const isTest = (file: string) => /\.test\.ts$/.test(file);
const VERIFY = 'packages/verify/src';
const EMBED = 'packages/embed/src';
const scripts = [
  'scripts',
  'test',
  'bench',
  'examples',
  'packages/gateway/test',
  'packages/gateway/bin',
  VERIFY,
  'packages/verify/test',
  EMBED,
  'packages/embed/test',
]
  .flatMap((directory) => filesUnder(join(ROOT, directory)))
  .filter((file) => /\.(ts|mjs|js)$/.test(file) && !file.includes(`${sep}node_modules${sep}`))
  .filter((file) => !/[/\\](\.cache|\.venv|results)[/\\]/.test(file));

const sources: readonly Source[] = filesUnder(SOURCE)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => {
    const path = posix(relative(SOURCE, file));
    const text = readFileSync(file, 'utf8');
    const imports = [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? '');
    return { path, room: roomOf(path), text, imports };
  });

const floorOf = (room: string) => FLOORS.findIndex((rooms) => rooms.includes(room));
const packageOf = (name: string) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name;

describe('the architecture of the gateway', () => {
  it('reads the source: there are files, and imports in them', () => {
    expect(sources.length).toBeGreaterThan(20);
    expect(sources.flatMap((source) => source.imports).length).toBeGreaterThan(sources.length);
  });

  it('knows every room', () => {
    const unknown = new Set(sources.map((source) => source.room).filter((room) => floorOf(room) === -1));
    expect([...unknown]).toEqual([]);
  });

  it('imports downwards only, and never from a room on the same floor', () => {
    const wrong = sources.flatMap((source) =>
      source.imports
        .filter((name) => name.startsWith('.'))
        .map((name) => roomOf(posix(join(dirname(source.path), name))))
        .filter((room) => room !== source.room && !(floorOf(room) < floorOf(source.room)))
        .filter((room) => !DOORS.some(({ from, to }) => from === source.room && to === room))
        .map((room) => `${source.path} imports ${room}`),
    );
    expect(wrong).toEqual([]);
  });

  it('imports a package only in the room that owns it', () => {
    const wrong = sources.flatMap((source) =>
      source.imports
        .filter((name) => !name.startsWith('.') && (!name.startsWith('node:') || name in OWNERS))
        .filter((name) => !(OWNERS[packageOf(name)] ?? []).some((owner) => source.path.startsWith(owner)))
        .map((name) => `${source.path} imports ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it('loads what is heavy only where it is first needed, so that the start is quick', () => {
    const heavy = /^import (?!type)[^;]*from '(openid-client|oidc-provider|prom-client)'/m;
    expect(sources.filter((source) => heavy.test(source.text)).map((source) => source.path)).toEqual([]);
  });

  it('exports only what somebody imports, but for the types of who writes a plug-in or an authorize function', () => {
    const words = (text: string) => new Set(text.match(/\w+/g));
    const tests = scripts.map((file) => words(readFileSync(file, 'utf8')));
    const known = sources.map((source) => ({ path: source.path, words: words(source.text) }));
    const unused = sources
      .filter(({ path }) => !PUBLIC_TYPES.has(path))
      .flatMap(({ path, text }) =>
        [...text.matchAll(EXPORT)].flatMap(([, name = '']) =>
          known.some((other) => other.path !== path && other.words.has(name)) ||
          tests.some((test) => test.has(name))
            ? []
            : [`${path}: ${name}`],
        ),
      );
    expect(unused).toEqual([]);
  });

  it('throws no plain Error, because a caller could not tell it from any other', () => {
    const plain = /\bthrow (new )?Error\(/;
    const inside = sources.filter((source) => !/^(main\.ts|cli|demo)/.test(source.path));
    expect(inside.filter((source) => plain.test(source.text)).map((source) => source.path)).toEqual([]);
  });

  it(`keeps every file under ${LONGEST_FILE} lines`, () => {
    const long = [...sources.map((source) => join(SOURCE, source.path)), ...scripts]
      .map((file) => ({ file: relative(ROOT, file), lines: readFileSync(file, 'utf8').split('\n').length }))
      .filter(({ lines }) => lines > LONGEST_FILE);
    expect(long).toEqual([]);
  });

  it('leaves nothing for later and silences no tool in the source', () => {
    const later =
      /\b(TODO|FIXME|XXX)\b|biome-ignore|@ts-(expect-error|ignore|nocheck)|^[^*/]*(\bas any\b|:\s*any\b)/;
    const browser = filesUnder(join(ROOT, EMBED)).map((file) => ({
      path: relative(ROOT, file),
      text: readFileSync(file, 'utf8'),
    }));
    const found = [...sources, ...browser].flatMap(({ path, text }) =>
      text
        .split('\n')
        .flatMap((line, index) => (later.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : [])),
    );
    expect(found).toEqual([]);
  });
});

describe('@portico/verify', () => {
  it('runs on its own: it imports jose, and nothing of Node.js, a framework or the gateway', () => {
    const imports = filesUnder(join(ROOT, VERIFY)).flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? ''),
    );
    expect(imports.length).toBeGreaterThan(10);
    expect(imports.filter((name) => name !== 'jose' && !/^\.\/[\w-]+\.ts$/.test(name))).toEqual([]);
  });
});

describe('@portico/embed', () => {
  const files = filesUnder(join(ROOT, EMBED)).map((file) => ({
    path: posix(relative(join(ROOT, EMBED), file)),
    imports: [...readFileSync(file, 'utf8').matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? ''),
  }));
  const inside = ({ path, imports }: (typeof files)[number]) =>
    imports.map((name) => ({ path, to: posix(join(dirname(path), name)), name }));

  it('runs on its own: no package, nothing of Node.js, nothing of the gateway', () => {
    const wrong = files
      .flatMap(inside)
      .filter(({ to, name }) => !name.startsWith('.') || to.startsWith('..'));
    expect(files.flatMap(({ imports }) => imports).length).toBeGreaterThan(20);
    expect(wrong).toEqual([]);
    const manifest = JSON.parse(readFileSync(join(ROOT, 'packages/embed/package.json'), 'utf8'));
    expect(Object.keys(manifest).filter((key) => /dependencies/i.test(key))).toEqual([]);
  });

  it('keeps the script in the app apart from the element, and loads the inline mode only when it is asked for', () => {
    const element = /^(?:element|frame|session|tokens|view|gateway|index)\.ts$|^(?:inline|interceptor)\//;
    const ofApp = files.filter(({ path }) => path.startsWith('app/')).flatMap(inside);
    expect(ofApp.filter(({ to }) => element.test(to))).toEqual([]);
    const statically = /^import(?! type)[^;]*from '\.\/inline\//m;
    const eager = files.filter(({ path }) => statically.test(readFileSync(join(ROOT, EMBED, path), 'utf8')));
    expect(eager.map(({ path }) => path)).toEqual([]);
  });
});

describe('the tests', () => {
  const lines = scripts.filter(isTest).flatMap((file) => {
    const all = readFileSync(file, 'utf8').split('\n');
    return all.map((text, index) => ({
      where: `${relative(ROOT, file)}:${index + 1}`,
      text,
      explained: /\/\/ .{15,}/.test(text) || /^\s*(\/\/|\*) .{15,}/.test(all[index - 1] ?? ''),
    }));
  });
  const call = (names: string) => new RegExp(`\\b(?:it|test|describe|suite)(?:\\.\\w+)*\\.(?:${names})\\(`);

  it('are never focused', () => {
    expect(lines.filter(({ text }) => call('only').test(text)).map(({ where }) => where)).toEqual([]);
  });

  it('are left out only with a reason beside it', () => {
    const silent = lines.filter(
      ({ text, explained }) => call('skip|skipIf|runIf|todo|fails').test(text) && !explained,
    );
    expect(silent.map(({ where }) => where)).toEqual([]);
  });
});

describe('secrets', () => {
  // Each form is one that scanners of public repositories look for as well.
  const SECRETS: readonly RegExp[] = [
    /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/,
    /\bgh[pousr]_\w{30,}/,
    /\bAKIA[0-9A-Z]{16}\b/,
    /\bsk_live_\w{16,}/,
    /\bxox[abprs]-[\w-]{10,}/,
    /(?:secret|password|key|token)["']?\s*[:=]\s*["'`][A-Za-z0-9+/_-]{32,}={0,2}["'`]/i,
  ];

  it('are not written into the source', () => {
    const found = sources.flatMap(({ path, text }) =>
      SECRETS.filter((secret) => secret.test(text)).map((secret) => `${path}: ${secret}`),
    );
    expect(found).toEqual([]);
  });
});

describe('dependencies', () => {
  const read = (file: string): Readonly<Record<string, Readonly<Record<string, string>> | undefined>> =>
    JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
  const declared = ['package.json', 'packages/gateway/package.json', 'packages/verify/package.json']
    .map(read)
    .flatMap((manifest) =>
      ['dependencies', 'devDependencies', 'optionalDependencies'].map((kind) => manifest[kind]),
    )
    .flatMap((group) => Object.entries(group ?? {}));
  const page = readFileSync(join(ROOT, 'docs', 'dependencies.md'), 'utf8');

  it.each(declared)('%s is pinned, and docs/dependencies.md says why it is here', (name, version) => {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(page).toMatch(
      new RegExp(`^\\| \`${name}\` \\| ${version.replaceAll('.', '\\.')} \\| .{20,}\\|$`, 'm'),
    );
  });

  it('has no row for what is gone', () => {
    const rows = [...page.matchAll(/^\| `([^`]+)` \| \d/gm)].map((match) => match[1] ?? '');
    const names = declared.map(([name]) => name);
    expect(rows.filter((name) => !names.includes(name))).toEqual([]);
  });

  it('all have a licence that goes with Apache-2.0', () => {
    const lock: { packages: Record<string, { license?: string; link?: boolean }> } = JSON.parse(
      readFileSync(join(ROOT, 'package-lock.json'), 'utf8'),
    );
    const free = /\b(MIT|MIT-0|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD|BlueOak-1\.0\.0|CC0-1\.0|Python-2\.0)\b/;
    // Test and build tools that are used and never handed on with Portico.
    const weakCopyleft = /node_modules\/(axe-core|lightningcss(-[\w-]+)?)$/;
    const wrong = Object.entries(lock.packages)
      .filter(([path, entry]) => path.includes('node_modules/') && !entry.link && !weakCopyleft.test(path))
      .filter(([, entry]) => !free.test(entry.license ?? ''))
      .map(([path, entry]) => `${path}: ${entry.license}`);
    expect(wrong).toEqual([]);
  });
});
