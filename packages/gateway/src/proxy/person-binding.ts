import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Identity } from '../core/types.ts';
import { BINDING_HEADER } from '../http/header-names.ts';
import type { RequestHead } from '../wire/request-head.ts';
import { headersOfToken } from './bokeh-token.ts';

interface BindingOptions {
  /** Known to the gateway alone. */
  readonly secret: string;
  /** With which the app signs its session tokens, where that is known. */
  readonly signingSecret?: string;
  /** The app is meant to take session ids from requests (`--session-ids external-signed`). */
  readonly takesSessionIds?: boolean;
}

/** Characters of base64url: 128 bits. */
const LENGTH = 22;
/** Parameters by which `bokeh/server/views/session_handler.py` of Bokeh 3.9 lets a request choose its session. */
const CHOOSES_SESSION = /^bokeh-(?:token|session-id)$/i;

/**
 * Binds the session tokens of a Bokeh or Panel app to the people to whom they were issued.
 *
 * Bokeh copies headers of a page request into the token in the page, and believes what comes back with the WebSocket. So a
 * page request says, as a mark that only the gateway can make, for whom it is; and a WebSocket opens only for a token that
 * has the mark of whoever opens it. A mark is worth nothing by itself: what a client sends under its name is removed.
 */
export class PersonBinding {
  readonly #options: BindingOptions;
  /** Header line for a request in nobody's name. */
  readonly nobody: string;

  constructor(options: BindingOptions) {
    this.#options = options;
    this.nobody = this.line(undefined);
  }

  /** Header line that says for whom a request is. */
  line(identity: Identity | undefined): string {
    return `${BINDING_HEADER}: ${this.#mark(identity)}\r\n`;
  }

  /**
   * Why a request must not go on, or `undefined`.
   *
   * @param identity - of whoever asks; `undefined` for nobody
   */
  refusal(head: RequestHead, isUpgrade: boolean, identity: Identity | undefined): string | undefined {
    // With the id of another person's session a page request would get a token with an own mark for that session.
    if (!this.#options.takesSessionIds && choosesSession(head))
      return 'the request names the Bokeh session that it wants';
    return isUpgrade && !this.#hasOwnToken(head, identity)
      ? 'the page that opens this WebSocket was made for somebody else'
      : undefined;
  }

  #hasOwnToken(head: RequestHead, identity: Identity | undefined): boolean {
    const offered = head.values.filter((_, i) => head.names[i]?.lower === 'sec-websocket-protocol');
    // Bokeh serves nobody else, so this is some other WebSocket of the app's own.
    if (!offered.some((value) => value.toLowerCase().includes('bokeh'))) return true;
    const [, token = ''] = /^bokeh, ?([\w.-]+)$/.exec(offered.join('\n')) ?? [];
    const headers = headersOfToken(token, this.#options.signingSecret) ?? {};
    const marks = Object.keys(headers).filter((name) => name.toLowerCase() === BINDING_HEADER.toLowerCase());
    const mark = marks.length === 1 ? headers[marks[0] ?? ''] : undefined;
    const expected = this.#mark(identity);
    return (
      typeof mark === 'string' &&
      mark.length === LENGTH &&
      timingSafeEqual(Buffer.from(mark, 'latin1'), Buffer.from(expected, 'latin1'))
    );
  }

  /** Of the person, not of the session: a page goes on where its person signs in anew. */
  #mark(identity: Identity | undefined): string {
    const person = identity === undefined ? [] : [identity.issuer, identity.subject];
    return createHmac('sha256', this.#options.secret)
      .update(JSON.stringify(person))
      .digest('base64url')
      .slice(0, LENGTH);
  }
}

/** Tornado reads parameters from the body of a GET, too; browsers send none. */
function choosesSession({ method, query, framing }: RequestHead): boolean {
  if ((method === 'GET' || method === 'HEAD') && framing.kind !== 'none') return true;
  if (!/bokeh|%/i.test(query)) return false;
  // Older Pythons divide at a semicolon, too.
  return [...new URLSearchParams(query.replaceAll(';', '&')).keys()].some((name) =>
    CHOOSES_SESSION.test(name.trim()),
  );
}
