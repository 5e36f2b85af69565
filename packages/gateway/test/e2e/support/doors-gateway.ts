import { delimiter, join } from 'node:path';
import { type GatewayProcess, startGateway } from '../../../../../test/gateway-process.ts';
import { ROOT } from '../../../../../test/support/node.ts';
import { EXAMPLE_APPS } from '../../../src/demo/examples.ts';
import { ensurePython } from '../../../src/demo/python.ts';
import { DEMO_PERSONAS } from '../../../src/demo/settings.ts';
import { ALL_DOORS } from '../doors/index.ts';
import { appsReady } from './demo.ts';

/** The example apps as `portico demo --with` runs them, with what their frameworks serve only when told to. */
export async function startDoorsGateway(): Promise<GatewayProcess> {
  const frameworks = ALL_DOORS.map(({ framework }) => framework);
  const python = await ensurePython({ frameworks, quiet: true });
  const PATH = python + delimiter + (process.env['PATH'] ?? '');
  const apps = ALL_DOORS.map(({ framework, run, env }) => [
    framework,
    {
      title: EXAMPLE_APPS[framework].title,
      type: framework,
      run: run ?? EXAMPLE_APPS[framework].run,
      cwd: join(ROOT, 'examples', framework),
      env: { PATH, PYTHONDONTWRITEBYTECODE: '1', ...env },
      allow: ['role:analyst'],
    },
  ]);
  // JSON is YAML, too.
  const config = JSON.stringify({ dev: { personas: DEMO_PERSONAS }, apps: Object.fromEntries(apps) });
  const gateway = await startGateway({ config });
  await appsReady(gateway, frameworks).catch(async (error: unknown) => {
    await gateway.stop('SIGKILL');
    throw error;
  });
  return gateway;
}
