// `npm test [-- part [filter …]]`: set-up on any Node from 20, then scripts/test/run.ts on Node 24 does the rest.
import { join } from 'node:path';
import {
  checkNode,
  ensureBuild,
  ensurePackages,
  findNode,
  handOver,
  ROOT,
  runScript,
  SetupError,
  say,
} from './setup.mjs';

await runScript(() => {
  const started = Date.now();
  checkNode();
  ensurePackages();
  const node = findNode();
  const environment = { ...process.env, PORTICO_TEST_STARTED: String(started) };
  try {
    ensureBuild(node);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    // The parts that need no build still say what is wrong; this one is counted as failed.
    say(error.message);
    environment.PORTICO_TEST_BUILD_FAILED = '1';
  }
  return handOver(node, [join(ROOT, 'scripts/test/run.ts'), ...process.argv.slice(2)], { env: environment });
});
