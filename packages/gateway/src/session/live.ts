import type { Session, SessionEnd } from '../core/types.ts';

/** Headers that tell one app who is there, ready to be written as they are. */
export interface HeaderBlock {
  /** `Name: value\r\n` lines. */
  readonly text: string;
  /** Milliseconds since the epoch; after this the block is made anew. */
  readonly freshUntil: number;
}

/** A session in memory: the one look-up that a signed-in request makes. */
export class LiveSession {
  /** Key in the store: a hash of the cookie's id, which itself is never kept. */
  readonly key: string;
  session: Session;
  /** Milliseconds since the epoch; written on every request, flushed to the store now and then. */
  lastSeenAt: number;
  /** Set once; a session that has ended never serves again. */
  ended: SessionEnd | undefined;
  /** Per app name. */
  readonly headerBlocks = new Map<string, HeaderBlock>();

  constructor(key: string, session: Session) {
    this.key = key;
    this.session = session;
    this.lastSeenAt = session.lastSeenAt;
  }
}
