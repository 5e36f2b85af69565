import type { ParsedCommand } from '../config/command-line.ts';
import { devGraph } from '../config/dev-graph.ts';
import { DEMO_PERSONAS, demoApps, parseExamples } from '../demo/settings.ts';
import { load } from './load.ts';
import { run } from './serve.ts';

/** `portico demo`: everything embedded, for a look around. */
export async function demo(
  command: Extract<ParsedCommand, { command: 'demo' }>,
  version: string,
): Promise<number> {
  const examples = parseExamples(command.with.join(','));
  let python = '';
  if (examples.length > 0) {
    const { ensurePython } = await import('../demo/python.ts');
    python = await ensurePython({ frameworks: examples });
  }
  const loaded = await load({
    options: command.options,
    purpose: 'serve',
    // The apps come as values below: their commands and paths are this installation's own.
    document: {
      dev: { personas: DEMO_PERSONAS },
      apps: { demo: { at: '/demo', run: 'demo', allow: ['everyone'] } },
    },
  });
  const apps = demoApps(examples, python, process.env['PATH'] ?? '');
  const apis = [
    devGraph(
      loaded.settings.publicUrl,
      apps.map(({ name }) => name),
    ),
  ];
  return run({ ...loaded, settings: { ...loaded.settings, apps, apis } }, version);
}
