import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXAMPLE_APPS, EXAMPLES, repositoryRoot } from '../../src/demo/examples.ts';
import { DEMO_PERSONAS, demoApps, parseExamples } from '../../src/demo/settings.ts';

test('--with takes names in any order and spelling of the list, once each', () => {
  expect(parseExamples('gradio, dash,dash streamlit')).toEqual(['streamlit', 'dash', 'gradio']);
  expect(parseExamples('all')).toEqual([...EXAMPLES]);
  expect(parseExamples('')).toEqual([]);
});

test('--with names every unknown word', () => {
  expect(() => parseExamples('dash,django,rails')).toThrow(/django, rails/);
});

test('every app has a path and name of its own, a directory and a command that is there', () => {
  const apps = demoApps([...EXAMPLES], '/venv/bin', '/usr/bin');
  expect(new Set(apps.map((app) => app.at)).size).toBe(apps.length);
  for (const app of apps) expect(existsSync(app.cwd ?? '')).toBe(true);
  expect(existsSync(apps[0]?.run?.[1] ?? '')).toBe(true);
  for (const app of apps.slice(1)) expect(existsSync(join(app.cwd ?? '', 'app.py'))).toBe(true);
});

test('the personas differ in where they may enter', () => {
  const roles = DEMO_PERSONAS.map((persona) => persona.roles);
  expect(roles.filter((list) => list.includes('admin'))).toHaveLength(1);
  expect(roles.filter((list) => list.includes('analyst'))).toHaveLength(2);
});

test('every package of an example is pinned exactly', () => {
  const lines = readFileSync(join(repositoryRoot(), 'examples', 'requirements.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  for (const line of lines) expect(line).toMatch(/^[\w.-]+==[\w.]+(?: ; .+)?$/);
  const pinned = lines.map((line) => line.split('==')[0]?.toLowerCase());
  for (const name of EXAMPLES)
    for (const wanted of EXAMPLE_APPS[name].packages) expect(pinned).toContain(wanted.toLowerCase());
});
