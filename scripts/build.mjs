// `npm run build`, and `npm pack` by way of `prepack`.
import { checkNode, ensureBuild, ensurePackages, findNode, runScript } from './setup.mjs';

await runScript(() => {
  checkNode();
  ensurePackages();
  ensureBuild(findNode());
});
