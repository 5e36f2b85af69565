/** How a command of the documentation is known to work. */
export type Exercise =
  /** It is run as it is written, in the root of the repository. */
  | {
      readonly command: string;
      readonly run: {
        readonly prints: RegExp;
        readonly exitCode?: number;
        readonly env?: Readonly<Record<string, string>>;
      };
    }
  /**
   * A test runs it, or the same thing with a free port; `contains` is the proof in that test's text. `instead` says
   * what the test does where the command itself cannot run here, and why.
   */
  | {
      readonly command: string | RegExp;
      readonly test: string;
      readonly contains: string;
      readonly instead?: string;
    }
  /** It cannot run here, for a reason that a reader would accept. */
  | { readonly command: string | RegExp; readonly cannot: string };

/**
 * Every command line in README.md, CONTRIBUTING.md, SECURITY.md and docs/. A regular expression stands for a family
 * of commands; the first entry that matches counts.
 */
export const COMMANDS: readonly Exercise[] = [
  { command: 'npm start', test: 'test/start.test.ts', contains: "['start', '--', '--port'" },
  {
    command: 'npm start -- --with streamlit,dash,panel,bokeh,gradio',
    test: 'packages/gateway/test/e2e/support/demo.ts',
    contains: "['--with', frameworks.join(',')]",
    instead:
      'the end-to-end tests run `portico demo --with …`, which npm start runs with the words behind --',
  },
  {
    command: /^node scripts\/host\.mjs (?:html|react|angular|php|csharp)$/,
    test: 'packages/gateway/test/e2e/embedding/start.e2e.test.ts',
    contains: "[script, kit, '--port', String(port)]",
  },
  { command: 'npm run lint', run: { prints: /Checked \d+ files/ } },
  { command: /^npm test( -- .+)?$/, cannot: 'it is what runs this test' },
  {
    command: 'npm run format',
    cannot: 'it would change the files under the other tests; npm run lint checks the same',
  },
  {
    command:
      /^npx portico serve --dev -- (?:streamlit run|python|panel serve|bokeh serve|shiny run) app\.py$/,
    test: 'packages/gateway/test/e2e/one-line.e2e.test.ts',
    contains: "documented(page, 'sh', /^npx portico serve --dev -- /)",
  },
  {
    command: /--oauth-issuer https:\/\/login\.example\.com .* -- streamlit run app\.py$/,
    test: 'packages/gateway/test/e2e/one-line.e2e.test.ts',
    contains: "documented('README.md', 'sh', /--oauth-issuer/)",
  },
  {
    command:
      /^BOKEH_SIGN_SESSIONS=yes BOKEH_SECRET_KEY=\$\(portico secret\) bokeh serve app\.py --prefix \/plots /,
    test: 'packages/gateway/test/e2e/bokeh-tokens.e2e.test.ts',
    contains:
      '--include-headers Portico-Binding X-Forwarded-User X-Forwarded-Email X-Forwarded-Preferred-Username',
  },
  ...[
    'npx portico serve --dev -- node server.js',
    'npx portico serve --dev --upstream http://127.0.0.1:8501',
    'npx portico serve --config portico.yaml',
    'npx portico check --config portico.yaml',
    'npx portico secret',
    'npx portico sessions list',
    'npx portico sessions revoke ada@example.com',
  ].map(typed),
  {
    command: 'pip install portico',
    cannot: 'it asks the package index on the Internet; a test builds the wheel and installs that',
  },
  { command: 'node scripts/wheel.mjs', test: 'test/wheel.test.ts', contains: "'wheel.mjs'), wheels" },
  {
    command: 'portico serve --dev -- streamlit run app.py',
    test: 'test/wheel.test.ts',
    contains: "'--', 'python', 'app.py'",
    instead: 'Streamlit is no part of an empty environment; the test runs an app of the standard library',
  },
  {
    command: /^pip (?:download portico --dest wheels|install --no-index --find-links wheels portico)$/,
    cannot: 'it asks the package index on the Internet; a test builds the wheel and installs that',
  },
  ...['jupyter lab', 'voila report.ipynb'].map(planned),
  {
    command: 'npx portico serve --dev -- marimo run app.py',
    test: 'packages/gateway/test/e2e/stories/stories.ts',
    contains: "run: 'marimo run marimo_app.py'",
    instead: 'the page shows a cell; the test has an app of its own in a configuration with many',
  },
  {
    command: /^panel serve app\.py --oauth-provider=azure /,
    cannot: 'it is the command of before, without Portico',
  },
  {
    command: /^portico serve --oauth-provider=azure .* -- panel serve app\.py$/,
    test: 'packages/gateway/test/config/panel.test.ts',
    contains: "['--oauth-provider=azure', `--oauth-extra-params={'tenant': '",
    instead: 'it has … where secrets belong; the test reads the options and compares the settings',
  },
];

/** Typed into a shell beside the installed package, word for word but for the port. */
function typed(command: string): Exercise {
  return { command, test: 'test/package.test.ts', contains: `'${command}'` };
}

/** A framework whose packages are not among the pinned ones of the examples. */
function planned(app: string): Exercise {
  const [program = ''] = app.split(' ');
  return {
    command: `npx portico serve --dev -- ${app}`,
    test: 'packages/gateway/test/apps/presets.test.ts',
    contains: `plan('${program}', '${program} `,
    instead: `${program} is not among the pinned packages of examples/requirements.txt; the test compares the whole command that Portico makes of this one`,
  };
}
