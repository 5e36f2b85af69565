import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

describe('the generated documentation', () => {
  it('is what the schema and the table of options say now', () => {
    const check = spawnSync(process.execPath, ['scripts/generate-docs.mjs', '--check'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(check.stderr).toBe('');
    expect(check.status).toBe(0);
  });

  it('gives editors a description and an example of every key', () => {
    const bare: string[] = [];
    const walk = (node: Record<string, unknown>, path: string): void => {
      for (const [key, value] of Object.entries((node['properties'] as object | undefined) ?? {})) {
        if (!value.description || !value.examples) bare.push(`${path}.${key}`);
        walk(value, `${path}.${key}`);
      }
      for (const inside of ['items', 'additionalProperties'])
        if (typeof node[inside] === 'object') walk(node[inside] as Record<string, unknown>, path);
    };
    walk(JSON.parse(readFileSync(`${root}packages/gateway/portico.schema.json`, 'utf8')), '');
    expect(bare).toEqual([]);
  });
});
