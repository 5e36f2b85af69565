import { asGatewayError, type GatewayError } from '../core/errors.ts';
import type { Clock, RandomBytes, Session, SessionEnd } from '../core/types.ts';
import { backoff } from '../identity/backoff.ts';
import { Circuit } from '../identity/circuit.ts';
import type { IdentityProvider, RedirectProvider } from '../identity/provider.ts';
import type { LiveSession } from '../session/live.ts';
import { refreshTime } from '../session/refresh-time.ts';
import type { Sessions } from '../session/sessions.ts';
import type { SessionStore } from '../session/store.ts';
import { tokenLock } from '../session/token-lock.ts';

/** What came of a refresh, for the log. The error holds no secret. */
export type RefreshEvent =
  | { readonly kind: 'renewed'; readonly session: Session }
  | { readonly kind: 'refused' | 'failed'; readonly session: Session; readonly error: GatewayError };

/** What came of a refresh that somebody asked for. `impossible` without a refresh token. */
type Renewal = 'renewed' | 'impossible' | 'ended' | 'failed';

interface TokenRefresherOptions {
  readonly providers: ReadonlyMap<string, IdentityProvider>;
  readonly sessions: Pick<Sessions, 'reload' | 'updateTokens' | 'end'>;
  readonly store: Pick<SessionStore, 'withLock'>;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly report: (event: RefreshEvent) => void;
}

/** Milliseconds. An app that asks again so soon has what it asked for. */
const JUST_RENEWED = 30_000;
/** Longer than a provider's answer may take. */
const CLOSE_GRACE = 15_000;

/**
 * Renews the tokens of sessions that are in use, ahead of their end and behind the requests: none waits for it and none
 * fails because of it. Who may enter is decided by the session, so an access token that has ended meanwhile, or a
 * provider in trouble, shuts nobody out. Only a provider's word that the grant is over (`invalid_grant`) ends a session.
 */
export class TokenRefresher {
  readonly #with: TokenRefresherOptions;
  readonly #running = new Map<string, Promise<void>>();
  readonly #circuits = new Map<string, Circuit>();
  readonly #failures = new WeakMap<LiveSession, number>();

  constructor(options: TokenRefresherOptions) {
    this.#with = options;
  }

  /** On the path of every request: one comparison. */
  due(live: LiveSession, now: number): boolean {
    return now >= live.refreshAt;
  }

  /**
   * Renews a session that is due, in the background; at most once at a time. Never throws.
   *
   * @param notBefore - somebody wants what is no older, due or not; milliseconds since the epoch
   */
  start(live: LiveSession, notBefore?: number): void {
    if (this.#running.has(live.key)) return;
    const { providers, clock } = this.#with;
    const provider = providers.get(live.session.identity.provider);
    live.refreshAt = Number.POSITIVE_INFINITY;
    if (provider?.kind !== 'redirect') return;
    const circuit = this.#circuitOf(provider.name);
    const now = clock();
    if (!circuit.enter(now)) {
      live.refreshAt = circuit.comeBackAt(now);
      return;
    }
    const work = this.#run(live, provider, circuit, notBefore).finally(() => this.#running.delete(live.key));
    this.#running.set(live.key, work);
  }

  /** Renews a session that is due, and waits for that and for what is under way. Never throws, whatever came of it. */
  async renewed(live: LiveSession): Promise<void> {
    if (this.due(live, this.#with.clock())) this.start(live);
    await this.#running.get(live.key);
  }

  /**
   * Renews a session because somebody asks, due or not, and waits for it. Never throws.
   *
   * @param notBefore - what was renewed later is fresh enough; milliseconds since the epoch
   */
  async renewNow(live: LiveSession, notBefore = this.#with.clock() - JUST_RENEWED): Promise<Renewal> {
    const { providers, clock } = this.#with;
    const { tokens, identity } = live.session;
    if (tokens.refreshToken === undefined || providers.get(identity.provider)?.kind !== 'redirect')
      return 'impossible';
    await this.#running.get(live.key);
    // After a failure its pause holds here, too: a provider in trouble is not asked as often as an app asks us.
    const pausing = this.#failures.has(live) && clock() < live.refreshAt;
    if (live.ended === undefined && !pausing && !renewedSince(live, notBefore)) {
      this.start(live, notBefore);
      await this.#running.get(live.key);
    }
    if (live.ended !== undefined) return 'ended';
    return renewedSince(live, notBefore) ? 'renewed' : 'failed';
  }

  /** Waits for what is under way, so that tokens which a provider has issued are stored. Ask before the store closes. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_GRACE).unref();
    });
    await Promise.race([Promise.all(this.#running.values()), grace]);
    clearTimeout(timer);
  }

  async #run(
    live: LiveSession,
    provider: RedirectProvider,
    circuit: Circuit,
    notBefore: number | undefined,
  ): Promise<void> {
    const { clock, report } = this.#with;
    try {
      const done = await this.#renew(live, provider, notBefore);
      this.#failures.delete(live);
      if (!done) return circuit.left();
      circuit.succeeded();
      report({ kind: 'renewed', session: live.session });
    } catch (caught) {
      const error = asGatewayError(caught, 'during a refresh');
      if (error.code === 'session_ended') {
        circuit.left();
        this.#revokeOrphans(live, provider);
      } else if (error.code === 'refresh_refused' || error.code === 'identity_changed') {
        circuit.succeeded();
        report({ kind: 'refused', session: live.session, error });
        await this.#end(live, 'refresh-refused');
      } else {
        if (error.code === 'store_unavailable') circuit.left();
        else circuit.failed(clock(), error.retryAfter);
        const failures = (this.#failures.get(live) ?? 0) + 1;
        this.#failures.set(live, failures);
        live.refreshAt = clock() + Math.max(error.retryAfter ?? 0, backoff(failures, this.#with.random));
        report({ kind: 'failed', session: live.session, error });
      }
    }
  }

  /**
   * One holder of the lock at a time, in all processes, and each looks again at what the store has (security fact 9).
   * @returns false when another had renewed the session, or it has ended
   */
  #renew(live: LiveSession, provider: RedirectProvider, notBefore: number | undefined): Promise<boolean> {
    const { store, sessions, clock } = this.#with;
    return store.withLock(tokenLock(live), async () => {
      if (!(await sessions.reload(live))) return false;
      const fresh =
        notBefore === undefined ? refreshTime(live.session) > clock() : renewedSince(live, notBefore);
      if (fresh) return false;
      const renewed = live.unstored ?? (await provider.refresh(live.session));
      live.unstored = renewed;
      await sessions.updateTokens(live, renewed.tokens, renewed.identity);
      live.unstored = undefined;
      return true;
    });
  }

  async #end(live: LiveSession, reason: SessionEnd): Promise<void> {
    try {
      await this.#with.sessions.end(live, reason);
    } catch (error) {
      this.#with.report({
        kind: 'failed',
        session: live.session,
        error: asGatewayError(error, 'during a refresh'),
      });
    }
  }

  /** Somebody signed out while the provider was answering: what it answered is of no use to anybody. */
  #revokeOrphans(live: LiveSession, provider: RedirectProvider): void {
    const orphans = live.unstored;
    live.unstored = undefined;
    if (orphans === undefined || live.ended !== 'sign-out') return;
    provider.revoke(orphans.tokens).catch((error: unknown) => {
      this.#with.report({
        kind: 'failed',
        session: live.session,
        error: asGatewayError(error, 'during a refresh'),
      });
    });
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

function renewedSince({ session }: LiveSession, moment: number): boolean {
  return (session.renewedAt ?? session.createdAt) > moment;
}
