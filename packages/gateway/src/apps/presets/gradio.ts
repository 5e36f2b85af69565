import { directory, type LaunchContext, type LaunchPlan, LOOPBACK, READY_TIMEOUT } from '../plan.ts';
import { listening } from './command.ts';

/** Gradio reads what `launch()` is not told from the environment; its root path takes the unstripped path, too. */
export function gradio(argv: readonly string[], context: LaunchContext): LaunchPlan {
  const server = listening(argv, context);
  return {
    argv: server.argv,
    env: {
      ...server.env,
      GRADIO_SERVER_NAME: LOOPBACK,
      GRADIO_SERVER_PORT: String(context.port),
      // One port or none: looking for the next free one would leave the gateway asking at the first.
      GRADIO_NUM_PORTS: '1',
      GRADIO_ROOT_PATH: context.basePath === '/' ? '' : context.basePath,
      // A share link is a public tunnel around the gateway.
      GRADIO_SHARE: 'False',
    },
    defaults: { GRADIO_ANALYTICS_ENABLED: 'False', HF_HUB_DISABLE_TELEMETRY: '1' },
    readyPath: directory(context.basePath),
    readyTimeout: READY_TIMEOUT,
    notes: server.notes,
  };
}
