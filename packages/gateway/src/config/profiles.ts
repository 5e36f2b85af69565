import type { Context } from './context.ts';
import type { AppSettings, AppType, HeaderProfile } from './settings.ts';
import type { Path } from './shape.ts';

/** Profiles that have headers for tokens. */
const TOKEN_PROFILES: readonly HeaderProfile[] = ['easyauth', 'oauth2-proxy'];

/** For the start-up summary: what the operator asked for, and what it costs. */
export const TOKENS_IN_ME =
  'tokens_in_me: /.auth/me hands people’s tokens to every script in their browsers. /.auth/token or apis keep them on the server.';

interface Given {
  readonly profiles?: readonly HeaderProfile[] | undefined;
  readonly token_headers?: boolean | undefined;
  readonly run?: readonly string[] | undefined;
}

/** Which headers an app is told by, beside our own, with a note where tokens are among them. */
export function readProfiles(
  { problems, notes }: Context,
  path: Path,
  type: AppType,
  { profiles = type === 'shiny' ? ['shiny'] : [], token_headers, run = [] }: Given,
): Pick<AppSettings, 'profiles' | 'tokenHeaders'> {
  const told = profiles.length === 0 ? {} : { profiles: [...new Set(profiles)] };
  const printsHeaders = type === 'bokeh' || type === 'panel';
  if (printsHeaders && profiles.length > 0 && run.length > 0 && !run.includes('--include-headers'))
    notes.push(
      `${path.at(-1)}: ${type} keeps only the headers that --include-headers names, and prints them into its page; name those of its profiles in run.`,
    );
  if (!token_headers) return told;
  const where = [...path, 'token_headers'];
  if (!profiles.some((profile) => TOKEN_PROFILES.includes(profile)))
    problems.add(
      where,
      'has no header to put tokens into',
      `Add profiles: [easyauth] or [oauth2-proxy], or remove token_headers.`,
    );
  // Bokeh copies request headers into the page, where every script reads them (bokeh#9930).
  if (printsHeaders)
    problems.add(
      where,
      `cannot be for ${type}, which prints the headers of a request into its page`,
      'Remove it: the app can ask for a token, or call a declared API.',
    );
  notes.push(
    `${path.at(-1)}: people’s tokens go to the app in headers, where logs and error pages can show them, and grow old there. /.auth/token or apis are safer.`,
  );
  return { ...told, tokenHeaders: true };
}
