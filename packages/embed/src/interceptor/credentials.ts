import type { Match } from './match.ts';

/** Gives a token; `renew` when the last one was refused. */
export type GetToken = (need: { readonly renew: boolean }) => Promise<string> | string;

/** What the interceptors need to know, and the way back when they are taken off. */
export interface Credentials {
  /** Nothing matches once the interceptors are taken off. */
  readonly match: Match;
  token(): Promise<string>;
  /** Another token than the one that was refused, or nothing. One renewal serves all that wait for it. */
  renewed(refused: string): Promise<string | undefined>;
  /** A ticket for one WebSocket to this address. @throws EmbedError */
  ticket(url: URL): Promise<string>;
}

/** @param ticket - asks for one with a token */
export function credentials(
  match: Match,
  getToken: GetToken,
  ticket: (url: URL, token: string) => Promise<string>,
): Credentials {
  let renewing: Promise<string> | undefined;
  let last: { readonly refused: string; readonly newer: string } | undefined;
  const ask = async (renew: boolean) => getToken({ renew });
  const renewed = async (refused: string): Promise<string | undefined> => {
    // A request that was under way with the old token comes back after the renewal.
    if (last?.refused === refused) return last.newer;
    renewing ??= ask(true).finally(() => {
      renewing = undefined;
    });
    const newer = await renewing.catch(() => undefined);
    if (newer === undefined || newer === refused) return undefined;
    last = { refused, newer };
    return newer;
  };
  return {
    match,
    token: () => ask(false),
    renewed,
    async ticket(url) {
      const token = await ask(false);
      return ticket(url, token).catch(async (error) => {
        const newer = error.remedy === 'sign_in' ? await renewed(token) : undefined;
        if (newer === undefined) throw error;
        return ticket(url, newer);
      });
    },
  };
}
