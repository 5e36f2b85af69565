import { basename } from 'node:path';
import { type Argv, override } from '../argv.ts';
import { directory, type LaunchContext, type LaunchPlan, LOOPBACK, READY_TIMEOUT } from '../plan.ts';

/** Any program: it is told where to listen in the environment, and with placeholders in its own words. */
export function command(argv: Argv, context: LaunchContext): LaunchPlan {
  const server = listening(argv, context);
  return {
    argv: server.argv,
    env: server.env,
    defaults: {},
    readyPath: directory(context.basePath),
    readyTimeout: READY_TIMEOUT,
    notes: server.notes,
  };
}

/**
 * Where the usual Python web servers listen. Gunicorn would bind every interface when it sees `PORT`, which would be a
 * way around the gate: so it is told an address, and one on its command line is taken away.
 */
export function listening(
  argv: Argv,
  context: LaunchContext,
): { argv: Argv; env: Record<string, string>; notes: string[] } {
  const port = String(context.port);
  const programs = new Set(argv.map((word) => basename(word)));
  const bind = `${LOOPBACK}:${port}`;
  const flags = programs.has('gunicorn')
    ? { '--bind': bind, '-b': bind }
    : programs.has('uvicorn')
      ? { '--host': LOOPBACK, '--port': port }
      : {};
  const checked = override(argv, flags);
  return {
    argv: checked.argv,
    env: {
      PORT: port,
      HOST: LOOPBACK,
      UVICORN_HOST: LOOPBACK,
      UVICORN_PORT: port,
      GUNICORN_CMD_ARGS: `--bind ${bind}`,
      FLASK_RUN_HOST: LOOPBACK,
      FLASK_RUN_PORT: port,
    },
    notes: checked.notes,
  };
}
