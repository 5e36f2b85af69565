import {
  type GatewayOptions,
  type GatewayProcess,
  startGateway,
} from '../../../../../test/gateway-process.ts';
import { EXAMPLES, type ExampleName } from '../../../src/demo/examples.ts';

/** Milliseconds until five Python processes on a busy machine must have come up. */
const APPS_PATIENCE = 180_000;

/** Waits until the gateway has said of each app that it is ready. */
export async function appsReady(gateway: GatewayProcess, apps: readonly string[]): Promise<void> {
  await Promise.all(apps.map((app) => gateway.line(new RegExp(`\\b${app} is ready`), APPS_PATIENCE)));
}

/** `portico demo --with …`, all apps ready. */
export async function startDemo(
  frameworks: readonly ExampleName[] = EXAMPLES,
  options: Omit<GatewayOptions, 'args'> = {},
): Promise<GatewayProcess> {
  const extra = frameworks.length === 0 ? [] : ['--with', frameworks.join(',')];
  const gateway = await startGateway({ ...options, args: ['demo', ...extra] });
  try {
    await appsReady(gateway, ['demo', ...frameworks]);
  } catch (error) {
    await gateway.stop('SIGKILL');
    throw error;
  }
  return gateway;
}
