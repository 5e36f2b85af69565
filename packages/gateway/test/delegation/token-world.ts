import { randomBytes } from 'node:crypto';
import type { ApiSettings } from '../../src/config/settings.ts';
import type { ApiToken, SignedIn } from '../../src/core/types.ts';
import { type ApiTokenEvent, ApiTokens } from '../../src/delegation/api-tokens.ts';
import type { IdentityProvider, RedirectProvider } from '../../src/identity/provider.ts';
import { TokenRefresher } from '../../src/login/refresh.ts';
import type { LiveSession } from '../../src/session/live.ts';
import type { SessionsOptions } from '../../src/session/sessions.ts';
import { ADA, HOUR, type World, world } from '../session/fixtures.ts';

export const ORDERS: ApiSettings = {
  name: 'orders',
  url: 'https://sales.example.com/v1',
  provider: 'main',
  scopes: ['orders:read', 'orders:write'],
  resource: 'https://sales.example.com',
  grant: 'refresh',
  apps: ['sales'],
};

export interface TokenWorld extends World {
  readonly tokens: ApiTokens;
  readonly refresher: TokenRefresher;
  readonly events: ApiTokenEvent[];
  /** What the provider was asked for: scopes, or `refresh`. */
  readonly asked: string[];
  readonly revoked: unknown[];
  tokenFor: NonNullable<RedirectProvider['tokenFor']>;
  /** Another gateway process on the same store. */
  elsewhere(): { readonly tokens: ApiTokens; same(live: LiveSession): Promise<LiveSession> };
  signIn(tokens?: SignedIn['tokens']): Promise<LiveSession>;
}

/** Tokens in front of a provider that does what a test says, and a clock that moves by hand. */
export function tokenWorld(options: Partial<SessionsOptions> & { renew?: boolean } = {}): TokenWorld {
  const { renew = true, ...rest } = options;
  const here = world({ limits: { absolute: 1000 * HOUR, idle: 1000 * HOUR }, ...rest });
  const clock = here.clock.read;
  const events: ApiTokenEvent[] = [];
  const asked: string[] = [];
  const revoked: unknown[] = [];
  let count = 0;
  const provider = {
    kind: 'redirect',
    name: 'main',
    title: 'Main',
    refresh: async ({ identity, tokens }: Parameters<RedirectProvider['refresh']>[0]) => {
      asked.push('refresh');
      const accessTokenExpiresAt = clock() + HOUR;
      return { identity, tokens: { ...tokens, accessToken: `renewed-${++count}`, accessTokenExpiresAt } };
    },
    tokenFor: (session, wanted) => {
      asked.push(wanted.scopes.join(' '));
      return self.tokenFor(session, wanted);
    },
    revoke: async (tokens: unknown) => void revoked.push(tokens),
  } as Partial<RedirectProvider> as RedirectProvider;
  const providers: ReadonlyMap<string, IdentityProvider> = new Map([['main', provider]]);
  const process = (sessions: World['sessions']) => {
    const common = { providers, sessions, store: here.store, clock, random: randomBytes };
    const refresher = new TokenRefresher({ ...common, report: () => undefined });
    const tokens = new ApiTokens({
      ...common,
      renewed: renew ? (live) => refresher.renewed(live) : undefined,
      report: (event) => events.push(event),
    });
    return { refresher, tokens };
  };
  const self: TokenWorld = {
    ...here,
    ...process(here.sessions),
    events,
    asked,
    revoked,
    tokenFor: async (_session, { scopes }) => ({
      token: apiToken(++count, clock() + HOUR, scopes.join(' ')),
    }),
    elsewhere() {
      const sessions = here.another();
      return {
        tokens: process(sessions).tokens,
        async same(live) {
          const found = await sessions.bySid(live.session.sid);
          if (found === undefined) throw new Error('no such session');
          return found;
        },
      };
    },
    async signIn(tokens = { ...ADA.tokens, accessTokenExpiresAt: clock() + HOUR }) {
      return (await here.sessions.create({ ...ADA, tokens })).live;
    },
  };
  return self;
}

export function apiToken(number: number, expiresAt: number, scope: string): ApiToken {
  return { accessToken: `api-token-${number}`, expiresAt, scope };
}
