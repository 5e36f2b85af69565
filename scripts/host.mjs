// `node scripts/host.mjs html`: a product of `examples/hosts` with protected apps in it, with all set-up on the way.
import { join } from 'node:path';
import { checkNode, ensureBuild, ensurePackages, findNode, handOver, ROOT, runScript } from './setup.mjs';

await runScript(() => {
  checkNode();
  ensurePackages();
  const node = findNode();
  ensureBuild(node);
  return handOver(node, [join(ROOT, 'examples/hosts/run/start.ts'), ...process.argv.slice(2)]);
});
