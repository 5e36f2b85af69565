import type { ParsedCommand } from '../config/command-line.ts';
import type { Loaded } from '../config/load.ts';
import type { Settings } from '../config/settings.ts';
import { GatewayError } from '../core/errors.ts';
import { systemErrorCode } from '../core/system-error.ts';
import { startGateway } from '../gateway.ts';
import { createLog } from '../telemetry/log.ts';
import { load } from './load.ts';
import { summary } from './summary.ts';

/** `portico serve`. */
export async function serve(
  command: Extract<ParsedCommand, { command: 'serve' | 'check' }>,
  version: string,
): Promise<number> {
  const loaded = await load({ options: command.options, run: command.run, purpose: 'serve' });
  return run(loaded, version);
}

/** Runs a gateway until SIGINT or SIGTERM; a second signal ends it at once. */
export async function run({ settings, notes, withheld }: Loaded, version: string): Promise<number> {
  const colour = process.stdout.isTTY === true && !process.env['NO_COLOR'];
  const log = createLog(settings.log);
  const signalled = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
  });
  const gateway = await startGateway(settings, {
    log,
    version,
    colour,
    writeAppLine: (line) => process.stdout.write(`${line}\n`),
    environment: process.env,
    withheld,
  }).catch((error: unknown) => {
    throw listenProblem(error, settings) ?? error;
  });
  process.stdout.write(
    summary({ ...settings, port: gateway.port }, [...notes, ...gateway.notes], { colour }),
  );
  for (const app of gateway.processes) {
    app.onChange((state) => {
      const fields = { app: app.name, state };
      if (state !== 'ready')
        return log.warn(
          { ...fields, ...(app.failure ? { err: app.failure } : {}) },
          `${app.name} is ${state}`,
        );
      log.info(fields, `${app.name} is ready`);
      for (const note of app.notes) log.info(fields, note);
    });
  }
  const signal = await signalled;
  log.info({ signal }, 'stopping: answers under way are finished first');
  for (const again of ['SIGINT', 'SIGTERM'] as const) process.once(again, () => process.exit(1));
  await gateway.stop();
  log.info('stopped');
  return 0;
}

/** What goes wrong most often at a start, with what to do. */
function listenProblem(error: unknown, { address, port }: Settings): GatewayError | undefined {
  const fix = {
    EADDRINUSE: `Port ${port} is in use. Stop what uses it, or choose another with --port.`,
    EACCES: `Port ${port} is for the system's own services. Choose one above 1023 with --port.`,
    EADDRNOTAVAIL: `This machine has no address ${address}. Choose another with --address.`,
  }[systemErrorCode(error) ?? ''];
  return fix === undefined
    ? undefined
    : new GatewayError('listen_failed', 500, `cannot listen on ${address}:${port}`, {
        cause: error,
        publicHint: fix,
      });
}
