import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../src/config/command-line.ts';
import { completionScript } from '../../src/config/completion.ts';
import { LATER_OPTIONS, OPTIONS } from '../../src/config/flags.ts';
import { caught } from './loading.ts';

describe('the command line', () => {
  it('reads a command after -- as it stands, dashes and all', () => {
    expect(
      parseCommandLine(['serve', '--dev', '--port=9000', '--', 'streamlit', 'run', '--', '--help'], {}),
    ).toEqual({
      command: 'serve',
      options: { dev: { value: true, from: '--dev' }, port: { value: '9000', from: '--port' } },
      run: ['streamlit', 'run', '--', '--help'],
    });
  });

  it('takes the environment for what no flag says', () => {
    const env = {
      PORTICO_PORT: '1',
      PORTICO_ALLOW: 'role:a, role:b',
      PORTICO_LOG_LEVEL: 'warn',
      PORTICO_STORE: '',
    };
    expect(parseCommandLine(['serve', '--port', '2'], env)).toMatchObject({
      options: {
        port: { value: '2', from: '--port' },
        allow: { value: ['role:a', 'role:b'], from: 'PORTICO_ALLOW' },
        'log-level': { value: 'warn', from: 'PORTICO_LOG_LEVEL' },
      },
    });
  });

  it('is not misled by the variable that Kubernetes sets for a service called portico', () => {
    expect(parseCommandLine(['serve'], { PORTICO_PORT: 'tcp://10.0.0.1:8000' })).toMatchObject({
      options: {},
    });
  });

  it('collects what may be given several times', () => {
    expect(parseCommandLine(['serve', '--allow', 'role:a', '--allow', 'group:b, c'], {})).toMatchObject({
      options: { allow: { value: ['role:a', 'group:b, c'] } },
    });
    expect(parseCommandLine(['demo', '--with', 'dash,panel', '--with', 'bokeh'], {})).toMatchObject({
      with: ['dash', 'panel', 'bokeh'],
    });
  });

  it.each([
    [['secret'], { command: 'secret' }],
    [['version'], { command: 'version' }],
    [['--version'], { command: 'version' }],
    [['sessions', 'list'], { command: 'sessions', action: 'list', options: {} }],
    [['sessions'], { command: 'sessions', action: 'list', options: {} }],
    [['sessions', 'revoke', 'a@b.c'], { command: 'sessions', action: 'revoke', who: 'a@b.c', options: {} }],
    [['completion', 'zsh'], { command: 'completion', shell: 'zsh' }],
  ])('understands %j', (argv, parsed) => {
    expect(parseCommandLine(argv, {})).toEqual(parsed);
  });

  it.each([
    [['serv'], 'serv', 'Did you mean portico serve?'],
    [['--port', '1'], '--port', 'Write portico serve'],
    [['serve', '--prot', '1'], '--prot', 'Did you mean --port?'],
    [['serve', '-p', '1'], '-p', 'serve --help'],
    [['serve', '--port'], '--port', 'Write --port NUMBER'],
    [['serve', '--port', '--dev'], '--port', 'Write --port NUMBER'],
    [['serve', '--dev=1'], '--dev', 'Write --dev alone'],
    [['serve', '--port', '1', '--port', '2'], '--port', 'once'],
    [['serve', 'streamlit', 'run'], 'streamlit', 'portico serve -- streamlit run'],
    [['serve', '--'], '--', 'portico serve -- '],
    [['serve', '--with', 'dash'], '--with', 'demo'],
    [['sessions', 'revoke'], 'sessions revoke', 'revoke ada@example.com'],
    [['sessions', 'purge'], 'sessions purge', 'sessions list'],
    [['completion', 'tcsh'], 'completion', 'bash, zsh, fish'],
    [['secret', 'x'], 'x', 'secret --help'],
    [['demo', '--', 'x'], '--', 'Only serve'],
  ])('answers %j with a fix', async (argv, path, fix) => {
    const [problem, ...others] = await caught(() => parseCommandLine(argv, {}));
    expect(problem?.path).toBe(path);
    expect(problem?.fix).toContain(fix);
    expect(others).toEqual([]);
  });

  it('knows every option of a later version and passes none over in silence', async () => {
    for (const [name, takesValue] of Object.entries(LATER_OPTIONS)) {
      const argv = ['serve', `--${name}`, ...(takesValue ? ['x'] : [])];
      const variable = `PORTICO_${name.toUpperCase().replaceAll('-', '_')}`;
      for (const problems of [
        await caught(() => parseCommandLine(argv, {})),
        await caught(() => parseCommandLine(['serve'], { [variable]: 'x' })),
      ])
        expect(problems.map((each) => each.message)).toEqual(['is not in this version yet']);
    }
  });

  it('reports all mistakes at once', async () => {
    expect(
      await caught(() => parseCommandLine(['serve', '--prot', '1', '--workers', '2', '--dve'], {})),
    ).toHaveLength(3);
  });
});

describe('help and completion', () => {
  it('name every option of a command, aligned and within a terminal', () => {
    const parsed = parseCommandLine(['serve', '--help'], {});
    const text = parsed.command === 'help' ? parsed.text : '';
    const rows = text.split('\n').filter((line) => line.startsWith('  --'));
    expect(new Set(rows.map((row) => / {2,}(?=\S)/.exec(row.slice(2))?.index)).size).toBeGreaterThan(1);
    expect(
      new Set(rows.map((row) => row.length - row.replace(/^ {2}\S+(?: [A-Z]+)? {2,}/, '').length)).size,
    ).toBe(1);
    for (const option of OPTIONS.filter((each) => each.commands.includes('serve')))
      expect(text).toContain(`--${option.name}`);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(118);
  });

  it('every command has a help of its own', () => {
    const overview = parseCommandLine([], {});
    for (const command of ['serve', 'demo', 'check', 'secret', 'sessions', 'completion', 'version']) {
      expect(overview.command === 'help' && overview.text).toContain(`  ${command} `);
      const own = parseCommandLine(['help', command], {});
      expect(own.command === 'help' && own.text).toContain(`Usage: portico ${command}`);
    }
  });

  it.each(['bash', 'zsh', 'fish'] as const)('%s completion names commands and options', (shell) => {
    const script = completionScript(shell);
    for (const word of ['serve', 'sessions', 'revoke', 'oauth-issuer', 'streamlit'])
      expect(script).toContain(word);
  });

  it('bash runs its script and completes', () => {
    const completing = `${completionScript('bash')}
COMP_WORDS=(portico serve --oauth-i); COMP_CWORD=2; _portico; echo "\${COMPREPLY[@]}"
COMP_WORDS=(portico sess); COMP_CWORD=1; _portico; echo "\${COMPREPLY[@]}"
COMP_WORDS=(portico serve --app-type mar); COMP_CWORD=3; _portico; echo "\${COMPREPLY[@]}"`;
    const { stdout } = spawnSync('bash', ['--norc', '-c', completing], { encoding: 'utf8' });
    expect(stdout).toBe('--oauth-issuer\nsessions\nmarimo\n');
  });
});
