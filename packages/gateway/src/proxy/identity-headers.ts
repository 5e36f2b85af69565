import type { Identity } from '../core/types.ts';
import type { HeaderBlock, LiveSession } from '../session/live.ts';
import type { AppCookies } from './app-cookies.ts';
import type { PersonBinding } from './person-binding.ts';
import type { ProfileLines } from './profiles/index.ts';
import { line } from './profiles/profile.ts';

/** Signs who is there, for one app. */
type Mint = (live: LiveSession, audience: string) => Promise<string>;

/** What an app is told besides the headers of every app. */
interface Told {
  readonly cookies?: AppCookies | undefined;
  readonly binding?: PersonBinding | undefined;
}

/** Milliseconds. An assertion lives for five minutes, so an app gets one with at least two left. */
const REUSE = 180_000;

/**
 * What tells an app who is there. Made when a session first asks for an app and kept with the session, so that a
 * request only writes it.
 */
export class IdentityHeaders {
  readonly #mint: Mint;
  readonly #profileLines: ProfileLines;

  constructor(mint: Mint, profileLines: ProfileLines) {
    this.#mint = mint;
    this.#profileLines = profileLines;
  }

  /** The lines if they are at hand. */
  ready(live: LiveSession, app: string, now: number): HeaderBlock | undefined {
    const block = live.headerBlocks.get(app);
    return block !== undefined && block.freshUntil > now ? block : undefined;
  }

  /** @throws GatewayError of the minting; then the request must not go on. */
  async make(
    live: LiveSession,
    app: string,
    now: number,
    { cookies, binding }: Told = {},
  ): Promise<HeaderBlock> {
    const { session } = live;
    const { identity } = session;
    const [assertion, profiles] = await Promise.all([this.#mint(live, app), this.#profileLines(live, app)]);
    const block: HeaderBlock = {
      ...(cookies === undefined ? {} : { cookies: cookies.person(identity, now) }),
      text: `Portico-Assertion: ${assertion}\r\n${plainLines(identity)}${binding?.line(identity) ?? ''}${profiles}`,
      freshUntil: now + REUSE,
    };
    // Not kept when the session was renewed meanwhile: it would tell the old identity for minutes (CVE-2021-41230).
    if (live.session === session) live.headerBlocks.set(app, block);
    return block;
  }
}

/** Unsigned names for apps that cannot verify; safe only because the gateway strips what comes in under them. */
function plainLines({ user, subject, email, name }: Identity): string {
  return (
    line('X-Forwarded-User', user ?? subject) +
    line('X-Forwarded-Email', email) +
    line('X-Forwarded-Preferred-Username', name)
  );
}
