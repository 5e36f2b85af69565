import { styleText } from 'node:util';
import { printable } from '../telemetry/pretty.ts';
import { type Finding, problemsIn, type Section } from './finding.ts';

const MARKS = {
  ok: ['✓', 'green'],
  note: ['!', 'yellow'],
  problem: ['✗', 'red'],
} as const;

/** The findings for people: one line each, and below it what to do. */
export function report(sections: readonly Section[], colour: boolean): string {
  const paint = (style: Parameters<typeof styleText>[0], words: string): string =>
    colour ? styleText(style, words, { validateStream: false }) : words;
  const line = ({ level, found, fix, link }: Finding): string[] => {
    const [mark, style] = MARKS[level];
    return [
      `  ${paint(style, mark)} ${printable(found)}`,
      ...(fix === undefined ? [] : [`    ${level === 'problem' ? 'Fix: ' : ''}${printable(fix)}`]),
      ...(link === undefined ? [] : [`    ${paint('gray', link)}`]),
    ];
  };
  const problems = problemsIn(sections);
  return [
    ...sections.flatMap(({ title, findings }) => [
      paint('bold', printable(title)),
      ...findings.flatMap(line),
      '',
    ]),
    problems === 0
      ? 'All is well.'
      : `${problems} ${problems === 1 ? 'problem' : 'problems'}. Each has its fix below it.`,
    '',
  ].join('\n');
}

/** The same for programs. */
export function reportJson(sections: readonly Section[]): string {
  return `${JSON.stringify({ problems: problemsIn(sections), sections }, undefined, 2)}\n`;
}
