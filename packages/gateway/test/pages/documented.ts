import { readFileSync } from 'node:fs';

/** The files of the worked example in docs/branding.md: a name in backticks with a colon, and below it the contents. */
export function documentedExample(): Record<string, string> {
  const page = readFileSync(new URL('../../../../docs/branding.md', import.meta.url), 'utf8');
  const blocks = page.matchAll(/^`([\w./-]+)`:\n\n```\w+\n([\s\S]*?)^```$/gm);
  return Object.fromEntries([...blocks].map(([, name = '', text = '']) => [name, text]));
}
