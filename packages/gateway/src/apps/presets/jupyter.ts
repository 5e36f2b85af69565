import { type Argv, insertAfter, override } from '../argv.ts';
import { directory, type LaunchContext, type LaunchPlan, LOOPBACK, READY_TIMEOUT } from '../plan.ts';

/**
 * Jupyter behind the gate: its own token is off, since people would have to copy it from the log, and it believes the
 * forwarded scheme and address, which only the gateway can reach it with.
 */
export function jupyter(argv: Argv, context: LaunchContext): LaunchPlan {
  const server = traits('ServerApp', context, [
    '--IdentityProvider.token=',
    `--ServerApp.allow_origin=${context.publicOrigin}`,
    '--ServerApp.allow_remote_access=True',
    '--ServerApp.trust_xheaders=True',
  ]);
  const checked = override(argv, {
    ...server.overridden,
    '--IdentityProvider.token': '',
    '--ServerApp.token': '',
  });
  return plan(
    insertAfter(checked.argv, ['lab', 'notebook', 'server'], server.words),
    checked.notes,
    context,
    'api',
  );
}

/** Voila takes the same options under its own name, and shows a notebook without its code. */
export function voila(argv: Argv, context: LaunchContext): LaunchPlan {
  const server = traits('Voila', context, []);
  const checked = override(argv, server.overridden);
  return plan([...checked.argv, ...server.words], checked.notes, context, '');
}

function traits(name: string, context: LaunchContext, more: readonly string[]) {
  const ours = {
    [`--${name}.ip`]: LOOPBACK,
    [`--${name}.port`]: String(context.port),
    [`--${name}.base_url`]: directory(context.basePath),
    [`--${name}.port_retries`]: '0',
  };
  const words = ['--no-browser', ...Object.entries(ours).map(([flag, value]) => `${flag}=${value}`), ...more];
  const short = {
    '--ip': LOOPBACK,
    '--port': String(context.port),
    '--base_url': directory(context.basePath),
  };
  return { words, overridden: { ...ours, ...short } };
}

function plan(argv: Argv, notes: readonly string[], context: LaunchContext, ready: string): LaunchPlan {
  return {
    argv,
    env: {},
    defaults: {},
    readyPath: directory(context.basePath) + ready,
    readyTimeout: READY_TIMEOUT,
    notes,
  };
}
