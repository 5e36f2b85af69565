import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../packages/gateway/test/login/browser.ts';
import { freePort, startGateway } from './gateway-process.ts';
import { environmentWith, findOldNode, GATEWAY, ROOT } from './support/node.ts';
import { typed, typedServe } from './support/typed.ts';

const folder = mkdtempSync(join(tmpdir(), 'portico-package-'));
const installed = join(folder, 'node_modules', 'portico');
const shell = process.platform === 'win32';
let packed: readonly string[] = [];

function run(command: string, args: readonly string[], cwd = folder, node = process.execPath) {
  return spawnSync(command, args, {
    cwd,
    env: environmentWith(node),
    encoding: 'utf8',
    shell,
    timeout: 120_000,
  });
}

beforeAll(() => {
  // The build was made before the tests; to pack must not build again under other tests' feet.
  const pack = run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], GATEWAY);
  expect(pack.stderr).toBe('');
  const report: unknown = JSON.parse(pack.stdout);
  const [entry] = Object.values(report as Record<string, { filename: string; files: { path: string }[] }>);
  packed = entry?.files.map((file) => file.path) ?? [];
  const options = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  const install = run('npm', ['install', ...options, join(folder, entry?.filename ?? '')]);
  expect(install.stderr).toBe('');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Asks the way a browser opens a page; `fetch` cannot, it says of itself that it wants data. */
function openPage(port: number): Promise<{ readonly status: number | undefined; readonly body: string }> {
  const headers = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
  return new Promise((resolve, reject) => {
    get({ host: 'localhost', port, path: '/', headers }, async (response) => {
      resolve({ status: response.statusCode, body: await text(response) });
    }).on('error', reject);
  });
}

describe('the packed package, installed into an empty folder', () => {
  it('holds the program, its licence and nothing of the workshop', () => {
    const needed = [
      'package.json',
      'LICENSE',
      'README.md',
      'bin/portico.js',
      'bin/package.json',
      'dist/main.js',
    ];
    expect(packed).toEqual(expect.arrayContaining(needed));
    expect(
      packed.filter((path) => /(^|\/)(src|test|\.portico|\.venv|node_modules)(\/|-)|\.db$/.test(path)),
    ).toEqual([]);
  });

  it('carries the licence of the repository', () => {
    const [ours, theirs] = [join(ROOT, 'LICENSE'), join(GATEWAY, 'LICENSE')].map((file) =>
      readFileSync(file, 'utf8'),
    );
    expect(theirs).toBe(ours);
  });

  it('tells its version', () => {
    const { version } = JSON.parse(readFileSync(join(GATEWAY, 'package.json'), 'utf8'));
    const result = run('npx', ['--no-install', 'portico', '--version']);
    // What npm has to say about this machine's own npm settings is not ours.
    expect(result.stderr.replace(/^npm warn .*\n/gm, '')).toBe('');
    expect(result.stdout).toContain(version);
    expect(result.status).toBe(0);
  });

  it('helps', () => {
    const result = run('npx', ['--no-install', 'portico', '--help']);
    expect(result.stdout).toMatch(/serve/);
    expect(result.stdout).toMatch(/demo/);
    expect(result.status).toBe(0);
  });

  it('stands in front of a running app with --dev', async () => {
    const app: Server = createServer((_request, response) => response.end('the app itself'));
    await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
    const { port } = app.address() as AddressInfo;
    const gateway = await startGateway({
      args: ['serve', '--upstream', `http://127.0.0.1:${port}`, '--dev'],
      program: join(installed, 'bin', 'portico.js'),
    });
    try {
      expect((await fetch(`${gateway.url}/.auth/healthz`)).status).toBe(200);
      const page = await openPage(gateway.port);
      expect(page.status).toBe(302);
      expect(page.body).not.toContain('the app itself');
    } finally {
      await gateway.stop();
      app.close();
    }
  });
});

describe('what the documentation tells people to type beside the installed package', () => {
  const here = { directory: join(folder, 'typed') };
  const app =
    "require('http').createServer((_, reply) => reply.end('my own server')).listen(process.env.PORT, process.env.HOST)";
  beforeAll(() => {
    // `npx` looks for the package from the folder up.
    mkdirSync(here.directory);
    writeFileSync(join(here.directory, 'server.js'), app);
    writeFileSync(
      join(here.directory, 'portico.yaml'),
      'dev: true\napps:\n  mine: { at: /, run: node server.js }\n',
    );
  });

  /** Refused as a stranger, then let in as Ada. */
  async function isGated(url: string, content: string): Promise<Browser> {
    expect((await openPage(Number(new URL(url).port))).status).toBe(302);
    const ada = new Browser();
    expect((await ada.signIn(url, 'ada')).body).toBe(content);
    return ada;
  }

  it('npx portico secret: a secret, another one each time', () => {
    const [one, two] = [typed('npx portico secret', here), typed('npx portico secret', here)];
    expect([one.stderr, one.status]).toEqual(['', 0]);
    expect(one.stdout).toMatch(/^[\w-]{43}\n$/);
    expect(two.stdout).not.toBe(one.stdout);
  });

  it('npx portico check --config portico.yaml: what is configured, and that all is well', async () => {
    const env = { PORTICO_PORT: String(await freePort()) };
    const result = typed('npx portico check --config portico.yaml', { ...here, env });
    expect(result.stdout).toMatch(/node server\.js[\s\S]*All is well\.\n$/);
    expect([result.stderr, result.status]).toEqual(['', 0]);
  });

  it('npx portico serve --dev -- node server.js: any command', async () => {
    const gateway = await typedServe('npx portico serve --dev -- node server.js', here);
    await isGated(gateway.url, 'my own server').finally(gateway.stop);
  });

  it('npx portico serve --dev --upstream http://127.0.0.1:8501: an app that already runs', async () => {
    const already: Server = createServer((_request, response) => response.end('already running'));
    await new Promise<void>((resolve) => already.listen(0, '127.0.0.1', resolve));
    const { port } = already.address() as AddressInfo;
    const line = 'npx portico serve --dev --upstream http://127.0.0.1:8501'.replace('8501', String(port));
    const gateway = await typedServe(line, here);
    await isGated(gateway.url, 'already running').finally(gateway.stop);
    already.close();
  });

  it('npx portico sessions, beside npx portico serve --config portico.yaml: list, then revoke', async () => {
    const gateway = await typedServe('npx portico serve --config portico.yaml', here);
    try {
      const ada = await isGated(gateway.url, 'my own server');
      expect(typed('npx portico sessions list', here).stdout).toMatch(/ada@example\.com +dev /);
      const revoked = typed('npx portico sessions revoke ada@example.com', here);
      expect([revoked.stdout, revoked.stderr, revoked.status]).toEqual([
        expect.stringMatching(/^Ended \d sessions?\.\n$/),
        '',
        0,
      ]);
      await expect.poll(async () => (await ada.fetch(`${gateway.url}/`)).status).toBe(401);
      expect(typed('npx portico sessions list', here).stdout).toBe('Nobody is signed in.\n');
    } finally {
      await gateway.stop();
    }
  });
});

describe('on a Node that is too old', () => {
  const sentence = /^portico needs Node\.js 24 or newer, and this is Node\.js \d+\.\d+\.\d+; .+\n$/;

  it.each(['12.22.0', '18.20.8', '23.11.0'])('%s: one sentence and exit code 1', (version) => {
    const pretend = `Object.defineProperty(process.versions,'node',{value:'${version}'});process.argv.splice(1,0,'x');require(${JSON.stringify(join(GATEWAY, 'bin/portico.js'))})`;
    const result = run(process.execPath, ['-e', pretend]);
    expect(result.stderr).toMatch(sentence);
    expect(result.stderr).toContain(version);
    expect(result.stdout).toBe('');
    expect(result.status).toBe(1);
  });

  const old = findOldNode();
  // A machine whose only Node is new enough cannot show this; the pretended versions above still do.
  it.skipIf(old === undefined)('the machine’s own: one sentence and exit code 1', () => {
    const result = run(old ?? '', [join(installed, 'bin', 'portico.js'), 'serve'], folder, old);
    expect(result.stderr).toMatch(sentence);
    expect(result.stdout).toBe('');
    expect(result.status).toBe(1);
  });

  it('nothing in the first file is newer than Node 12', () => {
    const code = readFileSync(join(GATEWAY, 'bin', 'portico.js'), 'utf8').replace(
      /\/\*[\s\S]*?\*\/|\/\/.*/g,
      '',
    );
    expect(code).not.toMatch(/\?\.|\?\?|\|\|=|#\w+[;(]|require\('node:|\bawait\b|catch \{/);
  });
});
