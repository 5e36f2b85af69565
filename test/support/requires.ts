import { describe } from 'vitest';
import { findChromium } from './chromium.ts';
import { LANGUAGES, type Language, lackingFor } from './programs.ts';

/** What a machine may lack, and what `npm test` then says loudly. */
export type Requirement = 'browser' | 'python' | Language;

/**
 * Why this machine cannot run what needs `requirement`; undefined when it can. `npm test` looks for both and
 * installs what it can; where Vitest is run by hand the Python environment is taken to be there.
 */
export function missing(requirement: Requirement): string | undefined {
  const told = process.env[`PORTICO_TEST_MISSING_${requirement.toUpperCase()}`];
  if (told) return told;
  if (requirement === 'browser' && !findChromium()) return 'no Chromium was found; set CHROMIUM_PATH';
  return isLanguage(requirement) ? lackingFor(requirement) : undefined;
}

const isLanguage = (requirement: Requirement): requirement is Language =>
  (LANGUAGES as readonly string[]).includes(requirement);

/** `describe`, or `describe.skip` on a machine that lacks one of the requirements. */
export function describeWith(
  ...requirements: readonly Requirement[]
): typeof describe | typeof describe.skip {
  const lacking = requirements.find((requirement) => missing(requirement));
  if (lacking === undefined) return describe;
  console.warn(`SKIPPED: ${missing(lacking)}`);
  // The reason was printed and `npm test` counts and names every test that is left out.
  return describe.skip;
}
