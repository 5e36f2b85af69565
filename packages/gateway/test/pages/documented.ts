import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Branding } from '../../src/http/pages/index.ts';
import { folder, load } from '../config/loading.ts';

/** The files of the worked example in docs/branding.md: a name in backticks with a colon, and below it the contents. */
export function documentedExample(): Record<string, string> {
  const page = readFileSync(new URL('../../../../docs/branding.md', import.meta.url), 'utf8');
  const blocks = page.matchAll(/^`([\w./-]+)`:\n\n```\w+\n([\s\S]*?)^```$/gm);
  return Object.fromEntries([...blocks].map(([, name = '', text = '']) => [name, text]));
}

/** A folder with these files that goes with the test, folders inside it made as needed. */
export function tree(files: Record<string, string>): string {
  const cwd = folder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  return cwd;
}

/** The example, read as the gateway reads it. */
export async function documentedBranding(): Promise<Branding> {
  const { settings } = await load({
    cwd: tree({ ...documentedExample(), 'users.json': '{"ada": "pencil"}' }),
  });
  if (settings.branding === undefined) throw new Error('the example has no branding');
  return settings.branding;
}
