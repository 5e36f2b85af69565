// The second half of `npm test`: runs the parts in order and adds up. Started by scripts/test.mjs on Node 24.
import { type Outcome, sum } from './outcome.ts';
import { PARTS, type Part } from './parts.ts';

const RULE = '─'.repeat(80);
const seconds = (since: number) => `${((Date.now() - since) / 1000).toFixed(1)} s`;
const counts = ({ passed, failed, skipped }: Outcome) =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

/** The first arguments that name parts choose them; what follows goes to Vitest as filters. */
function choose(args: readonly string[]): { parts: readonly Part[]; filters: readonly string[] } {
  const isPart = (name: string | undefined) => PARTS.some((part) => part.name === name);
  const end = args.findIndex((arg) => !isPart(arg));
  const names = end === -1 ? args : args.slice(0, end);
  const filters = args.slice(names.length);
  if (names.length > 0) return { parts: PARTS.filter((part) => names.includes(part.name)), filters };
  if (filters.length === 0) return { parts: PARTS, filters };
  console.error(
    `There is no part "${filters[0]}"; the parts are ${PARTS.map((part) => part.name).join(', ')}.`,
  );
  process.exit(2);
}

const { parts, filters } = choose(process.argv.slice(2));
const started = Number(process.env['PORTICO_TEST_STARTED'] ?? Date.now());
console.log(`Node ${process.versions.node}; set-up took ${seconds(started)}.`);

const results: { title: string; outcome: Outcome; took: string }[] = [];
for (const part of parts) {
  console.log(`\n${RULE}\n${part.title}\n${RULE}`);
  const begun = Date.now();
  const outcome = await part.run(filters);
  results.push({ title: part.title, outcome, took: seconds(begun) });
  console.log(`${part.title}: ${counts(outcome)} (${seconds(begun)})`);
}

const total = sum(results.map((result) => result.outcome));
console.log(`\n${RULE}\nSummary (${seconds(started)})\n${RULE}`);
for (const { title, outcome, took } of results) {
  console.log(`${title.padEnd(44)} ${counts(outcome).padEnd(40)} ${took.padStart(8)}`);
}
for (const note of total.notes) console.log(note);
console.log(`\nportico: ${counts(total)}`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
