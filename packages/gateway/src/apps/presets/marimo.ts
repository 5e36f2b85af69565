import { insertAfter, override, takeFlag, takeSwitch } from '../argv.ts';
import {
  directory,
  type LaunchContext,
  type LaunchPlan,
  LOOPBACK,
  publicHost,
  READY_TIMEOUT,
} from '../plan.ts';

/** marimo keeps its own server token against cross-site requests; the sign-in token is off, since the gateway is the gate. */
export function marimo(argv: readonly string[], context: LaunchContext): LaunchPlan {
  const base = context.basePath === '/' ? '' : context.basePath;
  const ours = {
    '--host': LOOPBACK,
    '--port': String(context.port),
    '--base-url': base,
    '--proxy': publicHost(context),
  };
  const checked = override(argv, { ...ours, '-p': String(context.port) });
  const password = takeFlag(checked.argv, '--token-password');
  const plain = ['--token', '--no-token', '--headless'].reduce(
    (words, flag) => takeSwitch(words, flag).argv,
    password.argv,
  );
  const words = ['--headless', '--no-token', '--allow-origins', context.publicOrigin];
  for (const [flag, value] of Object.entries(ours)) if (value !== '') words.push(flag, value);
  return {
    argv: insertAfter(plain, ['run', 'edit'], words),
    env: {},
    defaults: {},
    readyPath: `${directory(context.basePath)}health`,
    readyTimeout: READY_TIMEOUT,
    notes: checked.notes,
  };
}
