import { describe, expect, it } from 'vitest';
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
