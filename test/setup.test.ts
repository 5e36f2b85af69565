import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ROOT } from './support/node.ts';

const SETUP = pathToFileURL(join(ROOT, 'scripts', 'setup.mjs')).href;

/** Runs a line of code against scripts/setup.mjs in a process of its own. */
function withSetup(code: string) {
  const script = `import * as setup from ${JSON.stringify(SETUP)};\n${code}`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
}

describe('the set-up before npm start and npm test', () => {
  it('explains a Node that is too old in one sentence', () => {
    const result = withSetup("await setup.runScript(() => setup.checkNode('18.20.8'));");
    expect(result.stderr).toMatch(/^portico: This needs Node\.js 20 or newer, and this is 18\.20\.8\. .+\n$/);
    expect(result.status).toBe(1);
  });

  it('hands on the exit code of the program it runs', () => {
    const result = withSetup(
      "await setup.runScript(() => setup.handOver(process.execPath, ['-e', 'process.exit(7)']));",
    );
    expect(result.status).toBe(7);
  });

  it('passes signals on and reports them the way shells do', () => {
    const endless = 'setInterval(() => {}, 1e6); process.kill(process.ppid, "SIGTERM")';
    const result = withSetup(
      `await setup.runScript(() => setup.handOver(process.execPath, ['-e', ${JSON.stringify(endless)}]));`,
    );
    expect(result.status).toBe(143);
  });

  it('locks a Node for every platform that it names', () => {
    const named = readFileSync(join(ROOT, 'scripts', 'setup.mjs'), 'utf8').matchAll(
      /'(node-[\w-]+)\/bin\/node/g,
    );
    const { optionalDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect([...named].map((match) => match[1]).sort()).toEqual(Object.keys(optionalDependencies).sort());
  });
});
