import { describe, expect, it } from 'vitest';
import { load, problemsOf, SECRET } from './loading.ts';

const yaml = (app: string, top = '') => `
secret: ${SECRET}
dev: true
${top}
apps:
  sales: { upstream: "http://127.0.0.1:8501", allow: [everyone], ${app} }
`;

describe('profiles', () => {
  it('are none by default, and shiny for Shiny', async () => {
    const plain = await load({ yaml: yaml('type: streamlit') });
    expect(plain.settings.apps[0]).not.toHaveProperty('profiles');
    const shiny = await load({ yaml: yaml('type: shiny') });
    expect(shiny.settings.apps[0]?.profiles).toEqual(['shiny']);
    const none = await load({ yaml: yaml('type: shiny, profiles: []') });
    expect(none.settings.apps[0]).not.toHaveProperty('profiles');
  });

  it('are those that are listed, each once', async () => {
    const { settings, notes } = await load({
      yaml: yaml('profiles: [easyauth, google-iap, easyauth]'),
    });
    expect(settings.apps[0]?.profiles).toEqual(['easyauth', 'google-iap']);
    expect(notes.join()).not.toContain('token');
  });

  it('that nobody knows are a problem with a list of those there are', async () => {
    const [problem] = await problemsOf({ yaml: yaml('profiles: [easy-auth]') });
    expect(problem?.path).toBe('apps.sales.profiles[0]');
    expect(`${problem?.message} ${problem?.fix}`).toContain('dash-enterprise');
  });

  it('are told to Bokeh and Panel only when the command names their headers, and a note says so', async () => {
    const run = (command: string) =>
      load({
        yaml: yaml('').replace(
          'upstream: "http://127.0.0.1:8501"',
          `run: ${command}, type: panel, profiles: [easyauth]`,
        ),
      });
    expect((await run('panel serve app.py')).notes.join()).toContain('--include-headers');
    expect(
      (await run('panel serve app.py --include-headers X-MS-CLIENT-PRINCIPAL-NAME')).notes.join(),
    ).not.toContain('--include-headers');
  });
});

describe('token_headers', () => {
  it('comes with a note that says what it costs', async () => {
    const { settings, notes } = await load({ yaml: yaml('profiles: [easyauth], token_headers: true') });
    expect(settings.apps[0]?.tokenHeaders).toBe(true);
    expect(notes.filter((note) => note.startsWith('sales: people’s tokens'))).toHaveLength(1);
  });

  it('without a profile that has room for tokens is a problem', async () => {
    const [problem] = await problemsOf({ yaml: yaml('profiles: [shiny], token_headers: true') });
    expect(problem?.path).toBe('apps.sales.token_headers');
  });

  it.each(['bokeh', 'panel'])(
    'for %s is a problem: it prints headers into its page (bokeh#9930)',
    async (type) => {
      const [problem] = await problemsOf({
        yaml: yaml(`type: ${type}, profiles: [easyauth], token_headers: true`),
      });
      expect(problem?.path).toBe('apps.sales.token_headers');
      expect(problem?.message).toContain(type);
    },
  );
});

describe('tokens_in_me', () => {
  it('is off, and comes with a note that says what it costs', async () => {
    const without = await load({ yaml: yaml('') });
    expect(without.settings).not.toHaveProperty('tokensInMe');
    const { settings, notes } = await load({ yaml: yaml('', 'tokens_in_me: true') });
    expect(settings.tokensInMe).toBe(true);
    expect(notes.filter((note) => note.startsWith('tokens_in_me'))).toHaveLength(1);
  });
});
