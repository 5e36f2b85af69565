import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folder, load, problemsOf, SECRET } from './loading.ts';

describe('the authorize file', () => {
  const yaml = (more: string) => `
secret: ${SECRET}
dev: true
${more}
`;

  it('is one for all, or an app’s own', async () => {
    const cwd = folder({ 'a.ts': '', 'b.mjs': '' });
    const { settings } = await load({
      cwd,
      yaml: yaml(`
authorize: ./a.ts
apps:
  one: { upstream: "http://127.0.0.1:1" }
  two: { upstream: "http://127.0.0.1:2", authorize: b.mjs }`),
    });
    expect(settings.apps.map((app) => app.authorize)).toEqual([join(cwd, 'a.ts'), join(cwd, 'b.mjs')]);
  });

  it.each(['./missing.ts', './notes.txt'])('%s is a problem at the start', async (file) => {
    const cwd = folder({ 'notes.txt': '' });
    const problems = await problemsOf({
      cwd,
      yaml: yaml(`apps: { one: { upstream: "http://127.0.0.1:1", authorize: ${file} } }`),
    });
    expect(problems.map(({ path }) => path)).toEqual(['apps.one.authorize']);
  });
});
