// Runs the benchmarks under the bundled Node 24, whichever Node started this.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
if (process.platform !== 'linux') {
  console.error('The benchmarks pin processes to cores and read /proc, so they need Linux.');
  process.exit(1);
}
const bundled = `${root}node_modules/node-linux-${process.arch}/bin/node`;
const node = existsSync(bundled)
  ? bundled
  : Number(process.versions.node.split('.')[0]) >= 24
    ? process.execPath
    : undefined;
if (node === undefined) {
  console.error('Node 24 is not there: run `npm ci` first.');
  process.exit(1);
}
const child = spawn(node, [`${root}bench/run.ts`, ...process.argv.slice(2)], { stdio: 'inherit', cwd: root });
// Ctrl-C reaches both; a kill of this process is passed on. The child stops the servers it started, then this ends.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.once('exit', (code) => process.exit(code ?? 1));
