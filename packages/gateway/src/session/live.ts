import type { Session, SessionEnd, SignedIn } from '../core/types.ts';
import { refreshTime } from './refresh-time.ts';

/** Headers that tell one app who is there, ready to be written as they are. */
export interface HeaderBlock {
  /** `Name: value\r\n` lines. */
  readonly text: string;
  /** Pairs for the Cookie header, for an app that is told by cookies. */
  readonly cookies?: string;
  /** Milliseconds since the epoch; after this the block is made anew. */
  readonly freshUntil: number;
}

/** A session in memory: the one look-up that a signed-in request makes. */
export class LiveSession {
  /** Key in the store: a hash of the cookie's id, which itself is never stored. */
  readonly key: string;
  session: Session;
  /** Milliseconds since the epoch; written on every request, flushed to the store now and then. */
  lastSeenAt: number;
  /** What the store knows of `lastSeenAt`. */
  flushedAt: number;
  /** Open sockets. While there are any the session stays in memory; count up in the turn that got it from `Sessions`. */
  pins = 0;
  /** Set once; a session that has ended never serves again. */
  ended: SessionEnd | undefined;
  /** Tells the stored value from a later one, see `sealVersion`. */
  version: string;
  /** Milliseconds since the epoch: from then on a use of the session should renew its tokens. Infinite while that is under way. */
  refreshAt: number;
  /**
   * What the provider has issued and the store would not take: kept, since the tokens in the store may no longer work (a
   * rotated refresh token), and asking with them could look like theft (RFC 9700 section 4.14.2).
   */
  unstored: SignedIn | undefined;
  /** Per app name; emptied when the identity or the tokens change. */
  readonly headerBlocks = new Map<string, HeaderBlock>();

  constructor(key: string, session: Session, version: string) {
    this.key = key;
    this.session = session;
    this.lastSeenAt = session.lastSeenAt;
    this.flushedAt = session.lastSeenAt;
    this.ended = undefined;
    this.unstored = undefined;
    this.version = version;
    this.refreshAt = refreshTime(session);
  }

  /** Takes over what is stored now; headers made from the old identity go (CVE-2021-41230). */
  renew(session: Session, version: string): void {
    this.session = session;
    this.version = version;
    this.refreshAt = refreshTime(session);
    this.headerBlocks.clear();
  }
}
