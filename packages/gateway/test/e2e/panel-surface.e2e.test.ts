import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../../../test/support/node.ts';
import { OPTIONS } from '../../src/config/flags.ts';
import type { Identity } from '../../src/core/types.ts';
import { ensurePython } from '../../src/demo/python.ts';
import { panelCookies, withAppCookies } from '../../src/proxy/app-cookies.ts';

/** Asks the installed Panel itself, so that a newer one with more to offer fails here. */
const SURFACE = `
import json, pathlib, re
import panel.auth
from panel.command.serve import Serve
from panel.io.state import _state
about = re.compile('oauth|auth|cookie|login|logout')
folder = pathlib.Path(panel.auth.__file__).parent
source = (folder / 'auth.py').read_text() + (folder / 'config.py').read_text()
print(json.dumps({
    'flags': [flag for flag, _ in Serve.args if flag.startswith('--') and about.search(flag)],
    'variables': sorted(name for name in set(re.findall(r"'((?:PANEL|AAD|BOKEH)_[A-Z_]+)'", source))
        if re.search('OAUTH|AUTH|COOKIE|USER_KEY|TENANT', name)),
    'providers': sorted(panel.auth.AUTH_PROVIDERS),
    'parameters': sorted(panel.auth.RESERVED_OAUTH_PARAMS),
    'cookies': sorted(set(re.findall(r"clear_cookie\\([\\"'](\\w+)", source)) - {'state', 'next_url'}),
    'state': [name for name in ('user', 'user_info', 'access_token', 'refresh_token') if hasattr(_state, name)],
}))`;

const READ = `
import json, sys
from tornado.httputil import parse_cookie
from tornado.web import decode_signed_value
from panel.util import decode_token
secret, header = json.load(sys.stdin)
cookies = parse_cookie(header)
read = lambda name: decode_signed_value(secret, name, cookies[name])
print(json.dumps([
    sorted(cookies),
    read('user').decode(),
    decode_token(read('id_token').decode())['sub'],
    decode_signed_value('another', 'user', cookies['user']),
    decode_signed_value(secret, 'id_token', cookies['user']),
]))`;

interface Surface {
  readonly flags: readonly string[];
  readonly variables: readonly string[];
  readonly providers: readonly string[];
  readonly parameters: readonly string[];
  readonly cookies: readonly string[];
  readonly state: readonly string[];
}

describe('Panel’s own sign-in', () => {
  const page = readFileSync(join(ROOT, 'docs', 'panel.md'), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  /** What stands in the first column. */
  const mapped = new Set(
    rows.flatMap((row) => [...(row.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name)),
  );
  let python: string;
  let surface: Surface;

  function run(script: string, input = ''): unknown {
    const done = spawnSync(join(python, 'python'), ['-W', 'ignore', '-c', script], {
      input,
      encoding: 'utf8',
    });
    if (done.status !== 0) throw new Error(done.stderr);
    return JSON.parse(done.stdout);
  }

  beforeAll(async () => {
    python = await ensurePython({ frameworks: ['panel'], quiet: true });
    surface = run(SURFACE) as Surface;
  });

  it.each(['flags', 'variables', 'providers', 'parameters', 'cookies', 'state'] as const)(
    'has no %s that docs/panel.md leaves out',
    (kind) => {
      const wanted = kind === 'state' ? surface.state.map((name) => `pn.state.${name}`) : surface[kind];
      expect(wanted.length).toBeGreaterThan(2);
      expect(wanted.filter((name) => !mapped.has(name))).toEqual([]);
    },
  );

  it('has each of its flags here, under the same name', () => {
    const names = OPTIONS.map(({ name }) => `--${name}`);
    const staying = rows.filter((row) => row.includes('| stays behind `--` |')).join();
    const missing = surface.flags.filter((flag) => !names.includes(flag) && !staying.includes(`\`${flag}\``));
    expect(missing).toEqual([]);
  });

  it('has each of its variables as a fallback of an option here', () => {
    const known = OPTIONS.flatMap(({ panel = [] }) => panel);
    expect(surface.variables.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('is mapped on the page to what exists: every option of ours there is one', () => {
    const names = new Set(OPTIONS.map(({ name }) => `--${name}`));
    const ours = rows.flatMap((row) =>
      [
        ...row
          .split(' | ')
          .slice(1)
          .join(' ')
          .matchAll(/`(--[a-z-]+)/g),
      ].map(([, name]) => name ?? ''),
    );
    expect(ours.filter((name) => !names.has(name))).toEqual([]);
  });

  it('accepts the cookies that Portico signs, and no others', () => {
    const ann: Identity = {
      issuer: 'https://id.example.com',
      subject: 's-1',
      provider: 'corp',
      user: 'änn|x;y',
      roles: [],
      groups: [],
    };
    const { names, person } = panelCookies('a-secret-for-tests-only');
    const header = withAppCookies('theme=dark', names, person(ann, Date.now()));
    expect(run(READ, JSON.stringify(['a-secret-for-tests-only', header]))).toEqual([
      ['id_token', 'theme', 'user'],
      'änn|x;y',
      's-1',
      null,
      null,
    ]);
  });
});
