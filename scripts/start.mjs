// `npm start [-- arguments]`: from a fresh clone to a running `portico demo`, with all set-up on the way.
import { join } from 'node:path';
import { checkNode, ensureBuild, ensurePackages, findNode, handOver, ROOT, runScript } from './setup.mjs';

await runScript(() => {
  checkNode();
  ensurePackages();
  const node = findNode();
  ensureBuild(node);
  return handOver(node, [join(ROOT, 'packages/gateway/bin/portico.js'), 'demo', ...process.argv.slice(2)]);
});
