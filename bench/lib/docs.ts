import { readFileSync, writeFileSync } from 'node:fs';
import { loadResults, type Results } from './results.ts';
import { sessionsTable, tables } from './table.ts';
import { root } from './tools.ts';

const START = '<!-- bench:start (written by npm run bench -- --write-docs) -->';
const END = '<!-- bench:end -->';

/** Puts the last results between the markers of docs/performance.md. */
export function writeDocs(): void {
  const file = `${root}/docs/performance.md`;
  const page = readFileSync(file, 'utf8');
  const from = page.indexOf(START);
  const to = page.indexOf(END);
  if (from < 0 || to < from) throw new Error(`${file} has lost its markers`);
  writeFileSync(
    file,
    `${page.slice(0, from + START.length)}\n\n${section(loadResults())}\n\n${page.slice(to)}`,
  );
}

function section(data: Results): string {
  const { machine } = data;
  const sessions = sessionsTable(data);
  return [
    `Measured on ${machine.measuredAt.slice(0, 10)} on ${machine.cores} cores of ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.system}, Linux ${machine.kernel}; ${data.quick ? 'a quick run' : `medians of ${data.rounds} rounds`}, ${data.connections} connections, ${data.idleSockets.toLocaleString('en')} idle sockets.`,
    tables(data),
    ...(sessions === undefined ? [] : [sessions]),
    `Versions: ${data.peers.map(({ name, version }) => `${name} ${version}`).join(', ')}.`,
    ...(data.leftOut.length === 0
      ? []
      : [`Left out: ${data.leftOut.map(({ name, reason }) => `${name} (${reason})`).join(', ')}.`]),
  ].join('\n\n');
}
