import {
  chooserPage,
  deniedPage,
  errorPage,
  frameEscapePage,
  launcherPage,
  notFoundPage,
  type Page,
  passwordPage,
  signedOutPage,
  signOutPage,
  startingPage,
} from '../../src/http/pages/index.ts';

const drawn = (pages: Record<string, Page>): Record<string, string> =>
  Object.fromEntries(Object.entries(pages).map(([name, page]) => [name, page.toString()]));

const requestId = '01JD7Q2M9C';

/**
 * Every page with `text` in each place that holds words of a user, an app or a provider.
 * The words change, the markup around them must not.
 */
export function pagesWith(text: string): Record<string, string> {
  const person = { subject: text, name: text, email: text };
  const app = { title: text, href: text, description: text, allowed: true } as const;
  return drawn({
    chooser: chooserPage({ providers: [{ title: text, href: text }], appTitle: text }),
    signOut: signOutPage({ identity: person, action: text, cancelHref: text }),
    signedOut: signedOutPage({ loginHref: text }),
    denied: deniedPage({
      appTitle: text,
      who: text,
      reason: text,
      requestId: text,
      switchHref: text,
      homeHref: text,
    }),
    error: errorPage({
      status: 500,
      title: text,
      message: text,
      hint: text,
      requestId: text,
      action: { href: text, label: text },
    }),
    starting: startingPage({ appTitle: text, state: 'starting', lines: [text, text], pollHref: text }),
    launcher: launcherPage({
      identity: person,
      apps: [
        { ...app, state: 'ready' },
        { ...app, state: 'stopped', allowed: false },
      ],
      signOutHref: text,
      version: text,
    }),
    frameEscape: frameEscapePage({ href: text }),
    notFound: notFoundPage({ requestId: text, homeHref: text }),
    password: passwordPage({
      providerTitle: text,
      action: text,
      returnTo: text,
      asksUsername: true,
      username: `x${text}`,
      problem: { message: text, hint: text },
      othersHref: text,
    }),
  });
}

const ada = { subject: 'ada', name: 'Ada Lovelace', email: 'ada@example.com' };

/** The pages as people meet them; for looking at and for the accessibility test. */
export const samples: Record<string, string> = drawn({
  chooser: chooserPage({
    providers: [
      { title: 'Microsoft Entra', href: '/.auth/login/entra' },
      { title: 'Okta', href: '/.auth/login/okta' },
      { title: 'Partner accounts', href: '/.auth/login/partners' },
    ],
    appTitle: 'Sales dashboard',
  }),
  'chooser-without-choice': chooserPage({ providers: [] }),
  'sign-out': signOutPage({ identity: ada, action: '/.auth/logout', cancelHref: '/' }),
  'signed-out': signedOutPage({ loginHref: '/.auth/login' }),
  denied: deniedPage({
    appTitle: 'Payroll',
    who: 'ada@example.com',
    reason: 'Payroll is open to role admin and to group finance.',
    requestId,
    switchHref: '/.auth/login?prompt=select_account',
    homeHref: '/.auth/',
  }),
  error: errorPage({
    status: 502,
    title: 'The sign-in service does not answer',
    message: 'Microsoft Entra could not be reached just now, so nobody can sign in with it.',
    hint: 'Wait a minute and try again. People who are already signed in can go on working.',
    requestId,
    action: { href: '/.auth/login', label: 'Try again' },
  }),
  starting: startingPage({
    appTitle: 'Sales dashboard',
    state: 'starting',
    lines: ['$ streamlit run sales.py', 'Loading 1,204,331 rows …', 'Building the index …'],
    pollHref: '/poll',
  }),
  crashed: startingPage({
    appTitle: 'Sales dashboard',
    state: 'crashed',
    lines: [
      'Traceback (most recent call last):',
      '  File "sales.py", line 12, in <module>',
      "ModuleNotFoundError: No module named 'pandas'",
    ],
    pollHref: '/poll',
  }),
  launcher: launcherPage({
    identity: ada,
    apps: [
      {
        title: 'Sales dashboard',
        href: '/sales',
        description: 'Orders and revenue by region, every morning.',
        state: 'ready',
        allowed: true,
      },
      {
        title: 'Forecast',
        href: '/forecast',
        description: 'What the next quarter may bring, with its uncertainty.',
        state: 'starting',
        allowed: true,
      },
      {
        title: 'Live demo',
        href: '/demo',
        description: 'Who is looking, live.',
        state: 'ready',
        allowed: true,
      },
      { title: 'Image search', href: '/images', state: 'crashed', allowed: true },
      { title: 'Notebook', href: '/notebook', description: 'Jupyter.', state: 'stopped', allowed: true },
      {
        title: 'Payroll',
        href: '/payroll',
        description: 'Salaries and bonuses.',
        state: 'ready',
        allowed: false,
      },
    ],
    signOutHref: '/.auth/logout',
    version: '0.1.0',
  }),
  'launcher-empty': launcherPage({ identity: ada, apps: [], signOutHref: '/.auth/logout', version: '0.1.0' }),
  frame: frameEscapePage({ href: '/.auth/login' }),
  'not-found': notFoundPage({ requestId, homeHref: '/.auth/' }),
  password: passwordPage({
    providerTitle: 'Accounts of Example Inc.',
    action: '/.auth/login/team',
    returnTo: '/sales',
    asksUsername: true,
  }),
  'password-wrong': passwordPage({
    providerTitle: 'Accounts of Example Inc.',
    action: '/.auth/login/team',
    returnTo: '/sales',
    asksUsername: true,
    username: 'ada',
    problem: {
      message: 'This user name and password do not go together.',
      hint: 'Check both. Capital and small letters are different.',
    },
    othersHref: '/.auth/login?return_to=%2Fsales',
  }),
});
