import type { Identity } from '../core/types.ts';
import type { HeaderBlock, LiveSession } from '../session/live.ts';
import type { AppCookies } from './app-cookies.ts';

/** Signs who is there, for one app. */
type Mint = (live: LiveSession, audience: string) => Promise<string>;

/** Milliseconds. An assertion lives for five minutes, so an app gets one with at least two left. */
const REUSE = 180_000;

/**
 * What tells an app who is there. Made when a session first asks for an app and kept with the session, so that a
 * request only writes it.
 */
export class IdentityHeaders {
  readonly #mint: Mint;

  constructor(mint: Mint) {
    this.#mint = mint;
  }

  /** The lines if they are at hand. */
  ready(live: LiveSession, app: string, now: number): HeaderBlock | undefined {
    const block = live.headerBlocks.get(app);
    return block !== undefined && block.freshUntil > now ? block : undefined;
  }

  /** @throws GatewayError of the minting; then the request must not go on. */
  async make(live: LiveSession, app: string, now: number, cookies?: AppCookies): Promise<HeaderBlock> {
    const assertion = await this.#mint(live, app);
    const { identity } = live.session;
    const block: HeaderBlock = {
      ...(cookies === undefined ? {} : { cookies: cookies.person(identity, now) }),
      text: `Portico-Assertion: ${assertion}\r\n${plainLines(identity)}`,
      freshUntil: now + REUSE,
    };
    live.headerBlocks.set(app, block);
    return block;
  }
}

/** Unsigned names for apps that cannot verify; safe only because the gateway strips what comes in under them. */
function plainLines(identity: Identity): string {
  let text = `X-Forwarded-User: ${headerText(identity.user ?? identity.subject)}\r\n`;
  if (identity.email !== undefined) text += `X-Forwarded-Email: ${headerText(identity.email)}\r\n`;
  if (identity.name !== undefined) text += `X-Forwarded-Preferred-Username: ${headerText(identity.name)}\r\n`;
  return text;
}

/** UTF-8 bytes, written out as latin1; whatever could end a header line is gone (header injection). */
function headerText(value: string): string {
  return Buffer.from(value.replace(/[\u0000-\u001f\u007f]/g, ' ').trim(), 'utf8').toString('latin1');
}
