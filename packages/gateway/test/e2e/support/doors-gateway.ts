import { delimiter, join } from 'node:path';
import { type GatewayProcess, startGateway } from '../../../../../test/gateway-process.ts';
import { ROOT } from '../../../../../test/support/node.ts';
import { EXAMPLE_APPS } from '../../../src/demo/examples.ts';
import { ensurePython } from '../../../src/demo/python.ts';
import { DEMO_PERSONAS } from '../../../src/demo/settings.ts';
import type { Doors } from '../doors/door.ts';
import { ALL_DOORS } from '../doors/index.ts';
import { appsReady } from './demo.ts';

interface DoorsOptions {
  /** Which apps; default all. */
  readonly doors?: readonly Doors[];
  /** Further keys of the configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Further keys of each app. */
  readonly app?: Readonly<Record<string, unknown>>;
}

/** The example apps as `portico demo --with` runs them, with what their frameworks serve only when told to. */
export async function startDoorsGateway(options: DoorsOptions = {}): Promise<GatewayProcess> {
  const { doors = ALL_DOORS } = options;
  const frameworks = doors.map(({ framework }) => framework);
  const python = await ensurePython({ frameworks, quiet: true });
  const PATH = python + delimiter + (process.env['PATH'] ?? '');
  const apps = doors.map(({ framework, run, env }) => [
    framework,
    {
      title: EXAMPLE_APPS[framework].title,
      type: framework,
      run: run ?? EXAMPLE_APPS[framework].run,
      cwd: join(ROOT, 'examples', framework),
      env: { PATH, PYTHONDONTWRITEBYTECODE: '1', ...env },
      allow: ['role:analyst'],
      ...options.app,
    },
  ]);
  // JSON is YAML, too.
  const config = JSON.stringify({
    dev: { personas: DEMO_PERSONAS },
    ...options.config,
    apps: Object.fromEntries(apps),
  });
  const gateway = await startGateway({ config });
  await appsReady(gateway, frameworks).catch(async (error: unknown) => {
    await gateway.stop('SIGKILL');
    throw error;
  });
  return gateway;
}
