import { directory, type LaunchContext, type LaunchPlan, READY_TIMEOUT } from '../plan.ts';
import { listening } from './command.ts';

/**
 * Dash has no command of its own: a script calls `app.run()`, or gunicorn or uvicorn serve it. All read the environment.
 * The two prefixes are set rather than `url_base_pathname`, because Dash refuses that one together with either of them.
 */
export function dash(argv: readonly string[], context: LaunchContext): LaunchPlan {
  const server = listening(argv, context);
  return {
    argv: server.argv,
    env: {
      ...server.env,
      DASH_REQUESTS_PATHNAME_PREFIX: directory(context.basePath),
      DASH_ROUTES_PATHNAME_PREFIX: directory(context.basePath),
    },
    defaults: { DASH_DISABLE_VERSION_CHECK: 'true' },
    readyPath: `${directory(context.basePath)}_reload-hash`,
    readyTimeout: READY_TIMEOUT,
    notes: server.notes,
  };
}
