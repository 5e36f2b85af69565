import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { EXAMPLES } from '../../packages/gateway/src/demo/examples.ts';
import { ensurePython } from '../../packages/gateway/src/demo/python.ts';
import { findChromium } from '../../test/support/chromium.ts';
import { LANGUAGES, lackingFor } from '../../test/support/programs.ts';
import { failed, type Outcome, skipped, sum } from './outcome.ts';

/** Environment variables for the tests: where things are, or `PORTICO_TEST_MISSING_…` with the reason why they are not. */
export type Findings = Readonly<Record<string, string>>;

/** The first line of what went wrong. */
export const reasonOf = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';

/** Says loudly what this machine lacks. It is a failure where everything has to run, and else a skip. */
export function lacking(reasons: readonly string[]): Outcome {
  return sum(
    reasons.map((why) => {
      console.error(`\n!!! CANNOT RUN ON THIS MACHINE: ${why}\n`);
      return process.env['PORTICO_TEST_REQUIRE_ALL'] === '1' ? failed(why) : skipped(why);
    }),
  );
}

/** A Chromium from CHROMIUM_PATH or the system, or as the last resort Playwright's download. */
export function prepareBrowser(root: string): Findings {
  const found = findChromium();
  if (found) return { CHROMIUM_PATH: found };
  const asked = process.env['CHROMIUM_PATH'];
  if (asked)
    return { PORTICO_TEST_MISSING_BROWSER: `CHROMIUM_PATH is ${asked}, and nothing there can be run` };
  console.log('No Chromium on this machine: asking Playwright for one.');
  const cli = join(root, 'node_modules', 'playwright-core', 'cli.js');
  spawnSync(process.execPath, [cli, 'install', 'chromium'], { stdio: ['ignore', 'inherit', 'inherit'] });
  const downloaded = findChromium();
  if (downloaded) return { CHROMIUM_PATH: downloaded };
  return {
    PORTICO_TEST_MISSING_BROWSER: 'no Chromium: install one (apt-get install chromium) or set CHROMIUM_PATH',
  };
}

/** The Python environment with the real frameworks, made by the same code as `portico demo --with` uses. */
export async function preparePython(): Promise<Findings> {
  try {
    await ensurePython({ frameworks: EXAMPLES });
    return {};
  } catch (error) {
    return { PORTICO_TEST_MISSING_PYTHON: `no Python environment: ${reasonOf(error)}` };
  }
}

/** What products in other languages are run with; `.ci/run` installs it where it is missing. */
export function prepareLanguages(): Findings {
  const lacking = LANGUAGES.map((language) => [language, lackingFor(language)] as const);
  return Object.fromEntries(
    lacking.flatMap(([language, why]) =>
      why === undefined ? [] : [[`PORTICO_TEST_MISSING_${language.toUpperCase()}`, why]],
    ),
  );
}
