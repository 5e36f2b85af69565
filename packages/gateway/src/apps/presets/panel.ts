import { type Argv, flagIndex, hasFlag, insertAfter, takeFlag, takeSwitch } from '../argv.ts';
import type { LaunchContext, LaunchPlan } from '../plan.ts';
import { bokeh } from './bokeh.ts';

/**
 * Panel's own sign-in: left in the command, it would ask people a second time. `--auth-template` stays, since an app's
 * own `authorize_callback` shows it.
 */
const SIGN_IN_FLAGS = [
  '--oauth-provider',
  '--oauth-key',
  '--oauth-secret',
  '--oauth-redirect-uri',
  '--oauth-extra-params',
  '--oauth-jwt-user',
  '--oauth-encryption-key',
  '--oauth-error-template',
  '--oauth-expiry-days',
  '--basic-auth',
  '--basic-login-template',
  '--logout-template',
  '--login-endpoint',
  '--logout-endpoint',
  '--cookie-secret',
  '--cookie-path',
];
const SIGN_IN_SWITCHES = ['--oauth-refresh-tokens', '--oauth-optional'];
const SIGN_IN_LISTS = ['--oauth-guest-endpoints'];

/** `panel serve`: Bokeh's flags, without Panel's own sign-in, and with the cookies that tell it who is there. */
export function panel(argv: Argv, context: LaunchContext): LaunchPlan {
  const { rest, taken } = withoutSignIn(argv);
  const plan = bokeh(withIdentityCookies(rest), context);
  const note = `${taken.join(', ')}: taken out of the app’s command, since Portico signs people in; give it to portico itself, before --`;
  return {
    ...plan,
    env: {
      ...plan.env,
      // Bokeh's variable would be a second source, which Panel refuses.
      ...(context.cookieSecret === undefined
        ? {}
        : { PANEL_COOKIE_SECRET: context.cookieSecret, BOKEH_COOKIE_SECRET: '' }),
    },
    notes: taken.length === 0 ? plan.notes : [...plan.notes, note],
  };
}

function withoutSignIn(argv: Argv): { rest: Argv; taken: string[] } {
  let rest = argv;
  const taken: string[] = [];
  const keep = (flag: string, next: Argv) => {
    if (next.length < rest.length) taken.push(flag);
    rest = next;
  };
  for (const flag of SIGN_IN_FLAGS) keep(flag, takeFlag(rest, flag).argv);
  for (const flag of SIGN_IN_SWITCHES) keep(flag, takeSwitch(rest, flag).argv);
  for (const flag of SIGN_IN_LISTS) keep(flag, takeList(rest, flag));
  return { rest, taken };
}

/** A flag with every word up to the next flag, as argparse reads `nargs='*'`. */
function takeList(argv: Argv, flag: string): Argv {
  const start = flagIndex(argv, flag);
  if (start < 0) return argv;
  const next = argv.findIndex((word, index) => index > start && word.startsWith('-'));
  return [...argv.slice(0, start), ...(next < 0 ? [] : argv.slice(next))];
}

/** Panel knows a session only by the cookies that Bokeh lets into it. */
function withIdentityCookies(argv: Argv): Argv {
  const flag = '--include-cookies';
  return hasFlag(argv, flag) && argv.includes(flag)
    ? insertAfter(argv, [flag], ['user', 'id_token', 'is_guest'])
    : argv;
}
