import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Tests that start the real command line run what is in dist, so dist has to be today's source. A failed build is
 * one failed part of `npm test`; here it is only said, so that tests that need no build still give their answer.
 */
export default function setup(): void {
  const script = fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url));
  const result = spawnSync(process.execPath, [script], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (result.status !== 0) console.error('THE BUILD FAILED: tests of the command line will fail as well.');
}
