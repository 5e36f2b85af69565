import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { folder, load, problemsOf, SECRET, SOUND } from './loading.ts';

describe('YAML', () => {
  it.each([
    ['a: [1', 'portico.yaml:1:6'],
    ['apps:\n\tx: 1', 'portico.yaml:2:1'],
    ['port: 1\nport: 2', 'portico.yaml:2:1'],
    ['secret: @x', 'portico.yaml:1:9'],
    ['secret: *x', 'portico.yaml:1:9'],
    ['apps: &a { x: *a }', 'portico.yaml:1:15'],
    ['- 1', 'portico.yaml'],
    ['just text', 'portico.yaml'],
  ])('%j is a problem at %s', async (yaml, path) => {
    expect((await problemsOf({ yaml })).map((each) => each.path)).toContain(path);
  });

  it('that multiplies itself through aliases is refused', async () => {
    const level = (name: string, of: string): string =>
      `${name}: &${name} [${Array(9).fill(`*${of}`).join(', ')}]\n`;
    const bomb = `a: &a [x]\n${level('b', 'a')}${level('c', 'b')}${level('d', 'c')}${level('e', 'd')}`;
    expect(await problemsOf({ yaml: bomb })).toMatchObject([
      { message: 'it repeats itself too often through aliases' },
    ]);
  });

  it('that is not there is a problem', async () => {
    expect(await problemsOf({ argv: ['--config', 'nope.yaml'] })).toMatchObject([
      { path: '--config', message: expect.stringContaining('does not exist') },
    ]);
    const cwd = folder();
    mkdirSync(join(cwd, 'dir.yaml'));
    expect(await problemsOf({ cwd, argv: ['--config', 'dir.yaml'] })).toMatchObject([{ path: '--config' }]);
  });

  it('names each variable that is not set, and says nothing more about that value', async () => {
    const problems = await problemsOf({
      yaml: `${SOUND.replace(SECRET, `"\${NOPE}"`)}public_url: \${NOPE_2}\n`,
    });
    expect(problems.map((each) => [each.path, each.message])).toEqual([
      ['secret', `\${NOPE} is not set in the environment`],
      ['public_url', `\${NOPE_2} is not set in the environment`],
    ]);
  });

  it('cannot be changed in structure by a variable', async () => {
    const env = { TITLE: 'x\nrules: [{ path: /**, public: true }]', ALSO: `\${TITLE}` };
    const yaml = SOUND.replace('allow:', `title: "\${TITLE}", description: "\${ALSO}", allow:`);
    const { settings } = await load({ yaml, env });
    expect(settings.apps[0]).toMatchObject({ title: env.TITLE, description: env.ALSO, rules: [] });
  });

  it('of any kind ends in settings or in problems, never in another error', async () => {
    const key = fc.constantFrom(
      'apps',
      'providers',
      'dev',
      'tls',
      'secret',
      'session',
      'log',
      'a',
      'run',
      'allow',
      'rules',
      'personas',
      '__proto__',
      'path',
      'public',
      'upstream',
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom('x', 'role:a', '/a', '', true, false, null, 0, -1, 1.5),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(key, tie('value'), { maxKeys: 4 }),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(fc.dictionary(key, value), async (document) => {
        const cwd = '/nonexistent';
        const request = { document, purpose: 'check' } as const;
        const result = await load({ cwd, request }).catch((error: { code?: string }) => error.code);
        return result === 'config_invalid' || typeof result === 'object';
      }),
      { numRuns: 300 },
    );
  });
});
