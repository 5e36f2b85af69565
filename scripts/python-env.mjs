// The Python environment of the example apps, for scripts and tests: one implementation, in the gateway's demo.
// As a program: node scripts/python-env.mjs [streamlit dash …] prints the folder of the environment's programs.
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const compiled = new URL('../packages/gateway/dist/demo/', import.meta.url);

/** @type {typeof import('../packages/gateway/src/demo/python.ts').ensurePython} */
export async function ensurePython(options) {
  if (!existsSync(new URL('python.js', compiled)))
    throw new Error('The gateway is not compiled yet: npm run build');
  const { ensurePython: ensure } = await import(new URL('python.js', compiled).href);
  return ensure(options);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const names = process.argv.slice(2);
  const frameworks = names.length > 0 ? names : ['streamlit', 'dash', 'panel', 'bokeh', 'gradio'];
  console.log(await ensurePython({ frameworks, quiet: !process.stderr.isTTY }));
}
