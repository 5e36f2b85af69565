import { describe, expect, it } from 'vitest';
import type { LaunchContext } from '../../src/apps/plan.ts';
import { launchPlan } from '../../src/apps/presets.ts';

const CONTEXT: LaunchContext = {
  name: 'sales',
  port: 4711,
  basePath: '/',
  publicOrigin: 'https://apps.example.com',
  issuer: 'https://apps.example.com',
  gatewayUrl: 'http://127.0.0.1:5000',
  credential: 'credential',
  signingSecret: 'signing',
  cookieSecret: 'derived-for-this-app',
};

const plan = (...words: string[]) => launchPlan('panel', ['panel', 'serve', 'app.py', ...words], CONTEXT);

describe('panel serve behind the gateway', () => {
  it.each([
    [['--oauth-provider=azure', '--oauth-key', 'k', '--oauth-secret=canary', '--cookie-secret', 'canary']],
    [['--oauth-optional', '--oauth-refresh-tokens', '--oauth-expiry-days', '1.5', '--basic-auth=canary']],
    [['--oauth-guest-endpoints', '/a', '/b', '--oauth-jwt-user', 'email']],
    [
      [
        '--login-endpoint=/in',
        '--logout-endpoint',
        '/out',
        '--cookie-path',
        '/x',
        '--logout-template',
        'x.html',
      ],
    ],
  ])('loses its own sign-in: %j', (words) => {
    const { argv, notes } = plan(...words, '--autoreload');
    expect(argv).toContain('app.py');
    expect(argv).toContain('--autoreload');
    for (const word of words) expect(argv).not.toContain(word);
    const note = notes.find((each) => each.includes('taken out')) ?? '';
    for (const word of words.filter((each) => each.startsWith('--')))
      expect(note).toContain(word.split('=')[0]);
    expect(note).not.toContain('canary');
  });

  it('keeps everything else, its own script’s arguments above all', () => {
    const { argv, notes } = plan(
      '--auth-template',
      'no.html',
      '--args',
      '--oauth-key',
      '--oauth-guest-endpoints',
      'x',
    );
    expect(argv.join(' ')).toContain('--auth-template no.html');
    expect(argv.slice(-4)).toEqual(['--args', '--oauth-key', '--oauth-guest-endpoints', 'x']);
    expect(notes).toEqual([]);
  });

  it('gets the secret of its cookies, whose names join its own list', () => {
    expect(plan().env).toMatchObject({
      PANEL_COOKIE_SECRET: 'derived-for-this-app',
      BOKEH_COOKIE_SECRET: '',
    });
    expect(plan('--include-cookies', 'theme').argv.join(' ')).toContain(
      '--include-cookies user id_token is_guest theme',
    );
    const { cookieSecret: _none, ...without } = CONTEXT;
    expect(launchPlan('panel', ['panel', 'serve', 'a.py'], without).env).not.toHaveProperty(
      'PANEL_COOKIE_SECRET',
    );
  });
});
