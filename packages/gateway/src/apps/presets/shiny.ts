import { GatewayError } from '../../core/errors.ts';
import { insertAfter, override, takeFlag } from '../argv.ts';
import { type LaunchContext, type LaunchPlan, LOOPBACK, READY_TIMEOUT } from '../plan.ts';

/**
 * Shiny for Python knows no base path and its routes are fixed, so it needs a host of its own.
 *
 * @throws GatewayError `base_path_unsupported` for any other base path than `/`
 */
export function shiny(argv: readonly string[], context: LaunchContext): LaunchPlan {
  if (context.basePath !== '/') {
    throw new GatewayError(
      'base_path_unsupported',
      500,
      `${context.name}: Shiny cannot be served below ${context.basePath}. Give the app a host of its own (host: in portico.yaml).`,
    );
  }
  const checked = override(argv, { '--port': String(context.port), '--host': LOOPBACK });
  const short = takeFlag(takeFlag(checked.argv, '-p').argv, '-h');
  return {
    argv: insertAfter(short.argv, ['run'], ['--host', LOOPBACK, '--port', String(context.port)]),
    env: {},
    defaults: {},
    readyPath: '/',
    readyTimeout: READY_TIMEOUT,
    notes: checked.notes,
  };
}
