import { describe, expect, it } from 'vitest';
import { countJUnit } from '../scripts/test/junit.ts';
import { countReport, sum, type VitestReport } from '../scripts/test/outcome.ts';

const file = (status: string, tests: readonly string[]): VitestReport['testResults'][number] => ({
  name: '/repo/a.test.ts',
  status,
  assertionResults: tests.map((test, index) => ({ fullName: `test ${index}`, status: test })),
});
const count = (testResults: VitestReport['testResults'], exitCode: number, success = exitCode === 0) =>
  countReport({ success, testResults }, exitCode, (name) => name.replace('/repo/', ''));

describe('adding up a test run', () => {
  it('counts what passed, failed and was left out, and names the latter two', () => {
    const outcome = count([file('failed', ['passed', 'failed', 'skipped', 'pending', 'todo'])], 1);
    expect(outcome).toMatchObject({ passed: 1, failed: 1, skipped: 3 });
    expect(outcome.notes[0]).toBe('FAILED   a.test.ts: test 1');
    expect(outcome.notes).toHaveLength(4);
  });

  it('counts a file that could not be loaded as failed', () => {
    expect(count([file('failed', [])], 1)).toMatchObject({ passed: 0, failed: 1 });
  });

  it('counts a hook that threw after its tests passed as failed', () => {
    expect(count([file('failed', ['passed'])], 1)).toMatchObject({ passed: 1, failed: 1 });
  });

  it('counts an exit code that no test explains as failed', () => {
    expect(count([file('passed', ['passed'])], 1)).toMatchObject({ passed: 1, failed: 1 });
    expect(count([file('passed', ['passed'])], 0, false)).toMatchObject({ passed: 1, failed: 1 });
  });

  it('counts a run without tests as failed', () => {
    expect(count([], 0)).toMatchObject({ passed: 0, failed: 1 });
  });

  it('adds parts up', () => {
    const parts = [count([file('passed', ['passed', 'skipped'])], 0), count([file('passed', ['passed'])], 0)];
    expect(sum(parts)).toMatchObject({ passed: 2, failed: 0, skipped: 1 });
  });
});

const junit = (...cases: readonly string[]) =>
  `<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest">${cases.join('')}</testsuite></testsuites>`;
const PASSED = '<testcase classname="tests.test_a" name="test_one" time="0.1" />';

describe('adding up a run of pytest', () => {
  it('counts what passed, failed and was left out, and names the latter two', () => {
    const broken =
      '<testcase classname="tests.test_a" name="test_two[&lt;&amp;&gt;]"><failure message="no">E</failure></testcase>';
    const error =
      '<testcase classname="tests.test_a" name="test_three"><error message="set-up">E</error></testcase>';
    const left =
      '<testcase classname="tests.test_a" name="test_four"><skipped message="no fork" /></testcase>';
    const outcome = countJUnit(junit(PASSED, broken, error, left, PASSED), 1);
    expect(outcome).toEqual({
      passed: 2,
      failed: 2,
      skipped: 1,
      notes: [
        'FAILED   tests.test_a: test_two[<&>]',
        'FAILED   tests.test_a: test_three',
        'SKIPPED  tests.test_a: test_four',
      ],
    });
  });

  it('counts an exit code that no test explains as failed', () => {
    expect(countJUnit(junit(PASSED), 3)).toMatchObject({ passed: 1, failed: 1 });
  });

  it('counts a run without tests as failed', () => {
    expect(countJUnit(junit(), 0)).toMatchObject({ passed: 0, failed: 1 });
  });
});
