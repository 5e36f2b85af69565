import type { ApiSettings } from '../config/settings.ts';
import { asGatewayError, type GatewayError } from '../core/errors.ts';
import type { ApiToken, Clock, RandomBytes, Session } from '../core/types.ts';
import { Circuit } from '../identity/circuit.ts';
import type {
  DelegatedToken,
  IdentityProvider,
  RedirectProvider,
  TokenRequest,
} from '../identity/provider.ts';
import type { LiveSession } from '../session/live.ts';
import type { Sessions } from '../session/sessions.ts';
import type { SessionStore } from '../session/store.ts';
import { tokenLock } from '../session/token-lock.ts';
import { cacheKey, isAlive, renewAt, toKeep, withoutToken, withToken } from './cache.ts';
import type { ApiTokenSource } from './delegation.ts';
import { Failures } from './failures.ts';
import { noToken, toRefusal, unavailable } from './provider-refusal.ts';
import { SessionTokens } from './session-tokens.ts';
import { sessionOver } from './subject.ts';

/** What came of asking a provider for a token, for log, audit and metrics. The error holds no secret. */
export interface ApiTokenEvent {
  readonly kind: 'issued' | 'refused' | 'failed';
  readonly session: Session;
  readonly api: string;
  readonly error?: GatewayError;
}

interface ApiTokensOptions {
  readonly providers: ReadonlyMap<string, IdentityProvider>;
  readonly sessions: Pick<Sessions, 'reload' | 'updateTokens' | 'change' | 'end'>;
  readonly store: Pick<SessionStore, 'withLock'>;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Renews the session's own tokens when they are due, and waits for that; absent when they are not renewed. */
  readonly renewed: ((live: LiveSession) => Promise<void>) | undefined;
  readonly report: (event: ApiTokenEvent) => void;
}

/** An API whose token the provider is asked for; that of the sign-in needs no asking. */
type Asked = ApiSettings & Pick<TokenRequest, 'grant'>;
type Grantor = RedirectProvider & Required<Pick<RedirectProvider, 'tokenFor'>>;

/** Milliseconds; a token that is younger is kept although an API refuses it. */
const YOUNG = 5_000;

/**
 * Access tokens for APIs. A token lies in its session, sealed with it; callers of one that is missing share one request,
 * in this process by the promise, in all processes by the store's lock, after which everybody looks again (security fact 9).
 */
export class ApiTokens implements ApiTokenSource {
  readonly #with: ApiTokensOptions;
  readonly #own: SessionTokens;
  readonly #running = new Map<string, Promise<ApiToken>>();
  readonly #circuits = new Map<string, Circuit>();
  readonly #failures: Failures;

  constructor(options: ApiTokensOptions) {
    this.#with = options;
    this.#own = new SessionTokens(options.clock, options.renewed);
    this.#failures = new Failures(options.random);
  }

  async get(live: LiveSession, api: ApiSettings, scopes = api.scopes): Promise<ApiToken> {
    if (live.ended !== undefined) throw sessionOver('the session has ended');
    if (!isAsked(api)) return this.#own.get(live);
    const key = cacheKey(api, scopes);
    const now = this.#with.clock();
    const cached = live.session.apiTokens?.[key];
    if (cached !== undefined && now < renewAt(cached)) return cached;
    const flight = `${live.key} ${key}`;
    let running = this.#running.get(flight);
    if (running === undefined) {
      const recent = this.#failures.recent(live, key, now);
      running = recent === undefined ? this.#obtain(live, api, scopes, key) : Promise.reject(recent);
      running = running.finally(() => this.#running.delete(flight));
      this.#running.set(flight, running);
    }
    try {
      return await running;
    } catch (error) {
      // The provider is in trouble, but this one will do.
      const known = live.session.apiTokens?.[key];
      if (live.ended === undefined && known !== undefined && isAlive(known, now)) return known;
      throw error;
    }
  }

  async drop(live: LiveSession, api: ApiSettings, token: ApiToken, scopes = api.scopes): Promise<void> {
    const { store, sessions, clock } = this.#with;
    const key = cacheKey(api, scopes);
    const change = () =>
      api.grant === 'session'
        ? this.#own.without(live, token, YOUNG)
        : withoutOld(live, key, token, clock() - YOUNG);
    if (change() === undefined) return;
    await store.withLock(tokenLock(live), async () => {
      const changed = (await sessions.reload(live)) ? change() : undefined;
      if (changed !== undefined) await sessions.change(live, changed);
    });
  }

  /** Waits for what is under way, so that tokens which a provider has issued are stored. Ask before the store closes. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#running.values());
  }

  async #obtain(live: LiveSession, api: Asked, scopes: readonly string[], key: string): Promise<ApiToken> {
    try {
      const provider = this.#grantorOf(api);
      // What the provider trades for another token has to be alive itself.
      if (api.grant !== 'refresh') await this.#own.get(live);
      const token = await this.#locked(live, api, scopes, key, provider);
      this.#failures.clear(live, key);
      return token;
    } catch (caught) {
      const error = toRefusal(api, asGatewayError(caught, 'while a token for an API was asked for'));
      if (error.code === 'invalid_grant' || error.code === 'store_unavailable') throw error;
      throw this.#failures.add(live, key, this.#with.clock(), error);
    }
  }

  /** One holder of the lock at a time, in all processes, and each looks again at what the store has. */
  #locked(
    live: LiveSession,
    api: Asked,
    scopes: readonly string[],
    key: string,
    provider: Grantor,
  ): Promise<ApiToken> {
    const { store, sessions, clock } = this.#with;
    return store.withLock(tokenLock(live), async () => {
      if (!(await sessions.reload(live))) throw sessionOver('the session ended while a token was asked for');
      const known = live.session.apiTokens?.[key];
      if (known !== undefined && clock() < renewAt(known)) return known;
      await this.#storeLeftOver(live);
      const { token, tokens } = await this.#ask(live, api, scopes, provider);
      const kept = toKeep(token, clock());
      // Before anything can fail: the refresh token of before may be spent.
      if (tokens !== undefined) live.unstored = { identity: live.session.identity, tokens };
      try {
        await sessions.change(live, {
          apiTokens: withToken(live.session.apiTokens, key, kept, clock()),
          ...(tokens === undefined ? {} : { tokens }),
        });
        live.unstored = undefined;
      } catch (error) {
        this.#revokeOrphans(live, api, provider);
        throw error;
      }
      return kept;
    });
  }

  /** Tokens that an earlier request brought and the store did not take then. */
  async #storeLeftOver(live: LiveSession): Promise<void> {
    const { unstored } = live;
    if (unstored === undefined) return;
    await this.#with.sessions.updateTokens(live, unstored.tokens, unstored.identity);
    live.unstored = undefined;
  }

  async #ask(
    live: LiveSession,
    api: Asked,
    scopes: readonly string[],
    provider: Grantor,
  ): Promise<DelegatedToken> {
    const { clock, report, sessions } = this.#with;
    const { session } = live;
    const { grant, resource } = api;
    const circuit = this.#circuitOf(provider.name);
    const now = clock();
    // Callers wait here, so while all is well nobody is turned away for there being many.
    if (!circuit.enter(now, Number.POSITIVE_INFINITY))
      throw unavailable(api, undefined, circuit.comeBackAt(now) - now);
    try {
      const answer = await provider.tokenFor(session, { grant, scopes, resource });
      circuit.succeeded();
      report({ kind: 'issued', session, api: api.name });
      return answer;
    } catch (caught) {
      const error = asGatewayError(caught, 'while a token for an API was asked for');
      const refusal = toRefusal(api, error);
      const trouble = refusal.status === 503;
      if (trouble) circuit.failed(clock(), error.retryAfter);
      else circuit.succeeded();
      report({ kind: trouble ? 'failed' : 'refused', session, api: api.name, error });
      if (refusal.code === 'invalid_grant') await sessions.end(live, 'refresh-refused');
      throw refusal;
    }
  }

  /** Somebody signed out while the provider was answering: what it answered is of no use to anybody. */
  #revokeOrphans(live: LiveSession, api: ApiSettings, provider: Grantor): void {
    if (live.ended !== 'sign-out' || live.unstored === undefined) return;
    const { tokens } = live.unstored;
    live.unstored = undefined;
    provider.revoke(tokens).catch((caught: unknown) => {
      const error = asGatewayError(caught, 'while tokens were revoked');
      this.#with.report({ kind: 'failed', session: live.session, api: api.name, error });
    });
  }

  #grantorOf(api: ApiSettings): Grantor {
    const provider = this.#with.providers.get(api.provider);
    if (provider?.kind !== 'redirect' || provider.tokenFor === undefined)
      throw noToken(`provider ${api.provider} gives no tokens for APIs`);
    return provider as Grantor;
  }

  #circuitOf(provider: string): Circuit {
    let circuit = this.#circuits.get(provider);
    if (circuit === undefined) {
      circuit = new Circuit(this.#with.random);
      this.#circuits.set(provider, circuit);
    }
    return circuit;
  }
}

function isAsked(api: ApiSettings): api is Asked {
  return api.grant !== 'session';
}

/** What to change for a token not to be given out again, if it is there and older. */
function withoutOld(live: LiveSession, key: string, token: ApiToken, before: number) {
  const known = live.session.apiTokens?.[key];
  return known?.accessToken === token.accessToken && (known.obtainedAt ?? 0) <= before
    ? { apiTokens: withoutToken(live.session.apiTokens, key) }
    : undefined;
}
