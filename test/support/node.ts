import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const GATEWAY = join(ROOT, 'packages', 'gateway');

const versionOf = (node: string) =>
  Number.parseInt(spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout ?? '', 10);

/** A Node on this machine that is too old for Portico, if there is one. */
export function findOldNode(): string | undefined {
  const directories = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const candidates = [
    process.env['PORTICO_TEST_OLD_NODE'],
    process.env['npm_node_execpath'],
    ...directories.map((directory) => join(directory, 'node')),
  ];
  return candidates.find((node) => node !== undefined && existsSync(node) && versionOf(node) < 24);
}

/** The environment with the running Node first in PATH, so that `#!/usr/bin/env node` finds it. */
export function environmentWith(node: string): NodeJS.ProcessEnv {
  const bin = join(node, '..');
  return { ...cleanEnvironment(), PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` };
}

/** The environment without what npm and Vitest put there and without anybody's PORTICO_ settings. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(npm_|PORTICO_|VITEST|NODE_ENV$|NODE_OPTIONS$|TEST$|DEV$|PROD$|MODE$|SSR$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

/** All files under a directory, as absolute paths. */
export function filesUnder(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
