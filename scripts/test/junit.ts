import { failed, type Outcome, passed, skipped, sum } from './outcome.ts';

/** A `testcase` as pytest writes it: it escapes `<` and `>` wherever they are not markup. */
const CASE = /<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g;

/**
 * Counts a JUnit report of pytest. An exit code that the tests do not explain is a failure, and so are no tests at all.
 *
 * @param exitCode - pytest's; 0 when every test passed
 */
export function countJUnit(xml: string, exitCode: number): Outcome {
  const total = sum(
    [...xml.matchAll(CASE)].map(([, attributes = '', inside = '']) => {
      const name = `${attribute(attributes, 'classname')}: ${attribute(attributes, 'name')}`;
      if (/<(?:failure|error)\b/.test(inside)) return failed(name);
      return /<skipped\b/.test(inside) ? skipped(name) : passed;
    }),
  );
  if (exitCode !== 0 && total.failed === 0)
    return sum([total, failed(`pytest ended with code ${exitCode}; its message is above`)]);
  return total.passed + total.failed + total.skipped === 0 ? failed('pytest found no tests') : total;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

function attribute(text: string, name: string): string {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(text)?.[1] ?? '';
  return value.replaceAll(/&(\w+);/g, (entity, known: string) => ENTITIES[known] ?? entity);
}
