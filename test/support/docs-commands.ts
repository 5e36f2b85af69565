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
  /** A test runs it, or the same thing with a free port; `contains` is the proof in that test's text. */
  | { readonly command: string | RegExp; readonly test: string; readonly contains: string }
  /** It cannot run here, for a reason that a reader would accept. */
  | { readonly command: string | RegExp; readonly cannot: string };

/**
 * Every command line in README.md, CONTRIBUTING.md, SECURITY.md and docs/. A regular expression stands for a family
 * of commands; the first entry that matches counts.
 */
export const COMMANDS: readonly Exercise[] = [
  { command: 'npm start', test: 'test/start.test.ts', contains: "['start', '--', '--port'" },
  { command: 'npm run lint', run: { prints: /Checked \d+ files/ } },
  { command: /^npm test( -- .+)?$/, cannot: 'it is what runs this test' },
  {
    command: 'npm run format',
    cannot: 'it would change the files under the other tests; npm run lint checks the same',
  },
  {
    command: 'npx portico serve --dev -- streamlit run app.py',
    cannot:
      'it is for an installed package; test/package.test.ts runs that, the end-to-end tests run Streamlit',
  },
  { command: /^panel serve app\.py --oauth-provider=azure/, cannot: 'it is what people have before Portico' },
  {
    command: /^portico serve --oauth-provider=azure .* -- panel serve app\.py$/,
    test: 'packages/gateway/test/e2e/panel.e2e.test.ts',
    contains: "'--oauth-provider=azure', '--oauth-key=the-client', '--oauth-secret=canary-secret'",
  },
  {
    command: 'npx portico serve --config portico.yaml',
    cannot: 'it is for an installed package with a configuration',
  },
];
