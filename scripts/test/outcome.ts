/** What came of one part, in numbers of tests; a check such as the types counts as one test. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Every test left out or failed, by name, for the summary. */
  readonly notes: readonly string[];
}

export const NOTHING: Outcome = { passed: 0, failed: 0, skipped: 0, notes: [] };

export const passed: Outcome = { ...NOTHING, passed: 1 };

export function failed(why: string): Outcome {
  return { ...NOTHING, failed: 1, notes: [`FAILED   ${why}`] };
}

export function skipped(why: string): Outcome {
  return { ...NOTHING, skipped: 1, notes: [`SKIPPED  ${why}`] };
}

export function sum(outcomes: readonly Outcome[]): Outcome {
  return outcomes.reduce(
    (total, one) => ({
      passed: total.passed + one.passed,
      failed: total.failed + one.failed,
      skipped: total.skipped + one.skipped,
      notes: [...total.notes, ...one.notes],
    }),
    NOTHING,
  );
}

/** What of Vitest's JSON report is used here. */
export interface VitestReport {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/**
 * Counts a report. A file that failed without a failed test (it could not be loaded, or a hook threw) is one failure, and so is
 * an exit code that the tests do not explain: an unhandled rejection, or no tests at all.
 */
export function countReport(
  report: VitestReport,
  exitCode: number,
  relative: (file: string) => string,
): Outcome {
  const outcomes = report.testResults.flatMap((file) => {
    const tests = file.assertionResults.map((test): Outcome => {
      const name = `${relative(file.name)}: ${test.fullName.trim()}`;
      if (test.status === 'passed') return passed;
      return test.status === 'failed' ? failed(name) : skipped(name);
    });
    const explained = file.assertionResults.some((test) => test.status === 'failed');
    return file.status === 'failed' && !explained ? [...tests, failed(relative(file.name))] : tests;
  });
  const total = sum(outcomes);
  const unexplained = (exitCode !== 0 || !report.success) && total.failed === 0;
  if (unexplained) return sum([total, failed(`Vitest ended with code ${exitCode}; its message is above`)]);
  if (total.passed + total.failed + total.skipped === 0) return failed('no tests were found');
  return total;
}
