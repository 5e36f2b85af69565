import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { folder, load, SECRET } from './loading.ts';

const PAGES = new URL('../../../../docs/providers/', import.meta.url);

const blocks = readdirSync(PAGES)
  .filter((name) => name.endsWith('.md'))
  .flatMap((name) => {
    const text = readFileSync(new URL(name, PAGES), 'utf8');
    return (
      [...text.matchAll(/^```yaml\n([\s\S]*?)^```/gm)]
        .map((match) => match[1] ?? '')
        .filter((yaml) => /^providers:/m.test(yaml))
        // A file anywhere on the machine, here in the folder of the test.
        .map((yaml) => yaml.replace(/(_file: )\/\S*\//g, '$1'))
        .map((yaml, index) => ({ name: `${name}, example ${index + 1}`, yaml }))
    );
  });

describe('what the pages of the providers tell people to write', () => {
  it.each(blocks)('works: $name', async ({ yaml }) => {
    const apps = /^apps:/m.test(yaml) ? '' : 'apps: { sales: { upstream: "http://127.0.0.1:1" } }\n';
    const names = [...yaml.matchAll(/\$\{(\w+)\}/g)].map((match) => match[1] ?? '');
    const env = Object.fromEntries(names.map((name) => [name, `canary-${name}`]));
    const files = [...yaml.matchAll(/_file: (?:\.\/)?([\w.-]+)/g)].map((match) => match[1] ?? '');
    const cwd = folder(Object.fromEntries(files.map((file) => [file, 'ann:x\n'])));
    const { settings } = await load({ cwd, env, yaml: `secret: ${SECRET}\n${yaml}${apps}` });
    expect(settings.providers.length).toBeGreaterThan(0);
  });

  it('is there for every type', () => {
    const names = readdirSync(PAGES).map((name) => name.replace(/\.md$/, ''));
    const types = [
      'oidc',
      'entra',
      'auth0',
      'okta',
      'google',
      'keycloak',
      'gitlab',
      'github',
      'bitbucket',
      'oauth2',
    ];
    expect(names).toEqual(expect.arrayContaining([...types, 'password', 'plugins']));
  });
});
