import { describe, expect, test } from 'vitest';
import { note, ok, problem } from '../../src/check/finding.ts';
import { report, reportJson } from '../../src/check/report.ts';

const sections = [
  {
    title: 'Provider corp',
    findings: [
      ok('one', 'Fine.'),
      note('two', 'Hm.', 'Perhaps.'),
      problem('three', 'Bad\u001b[31m.', 'Do this.', 'https://docs.example.com/'),
    ],
  },
];

describe('the report', () => {
  test('marks each finding, has its fix below it, and counts the problems', () => {
    const lines = report(sections, false).split('\n');
    expect(lines).toEqual([
      'Provider corp',
      '  ✓ Fine.',
      '  ! Hm.',
      '    Perhaps.',
      '  ✗ Bad\\u001b[31m.',
      '    Fix: Do this.',
      '    https://docs.example.com/',
      '',
      '1 problem. Each has its fix below it.',
      '',
    ]);
  });

  test('says when all is well', () => {
    expect(report([{ title: 'Gateway', findings: [ok('one', 'Fine.')] }], false)).toContain('All is well.');
  });

  test('is JSON for programs', () => {
    expect(JSON.parse(reportJson(sections))).toEqual({ problems: 1, sections });
  });
});
