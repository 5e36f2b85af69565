import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const from = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Names without hashes: the gateway serves these files under fixed addresses, with an ETag of its own. */
const shared = { outDir: from('dist'), emptyOutDir: false, target: 'es2022' } as const;

/**
 * `--mode page`: the element with its inline mode as a file of its own, loaded when it is first needed.
 * `--mode app`: the script for the app's side, a classic script that runs before the app's own.
 */
export default defineConfig(({ mode }) =>
  mode === 'app'
    ? {
        build: {
          ...shared,
          lib: {
            entry: from('src/app/main.ts'),
            formats: ['iife'],
            name: 'porticoApp',
            fileName: () => 'app.js',
          },
        },
      }
    : {
        build: {
          ...shared,
          lib: { entry: { portico: from('src/index.ts') }, formats: ['es'] },
          rolldownOptions: {
            preserveEntrySignatures: 'allow-extension',
            output: { chunkFileNames: '[name].js', entryFileNames: '[name].js', minify: true },
          },
        },
      },
);
