/** What kind of client waits for the answer; decides between a redirect, JSON and a refused handshake. */
export type RequestKind = 'page' | 'data' | 'upgrade';

/**
 * What is known of a request after the listener has validated it: policy, sign-in pages and the app
 * all judge these same bytes (security fact 14).
 */
export interface RequestFacts {
  readonly requestId: string;
  readonly method: string;
  readonly kind: RequestKind;
  /** Canonical origin from the configuration for the host that was asked, e.g. `https://apps.example.com`. Never built from the Host header. */
  readonly origin: string;
  /** Validated path as on the wire, beginning with `/`; no dot segments, no encoded separators. */
  readonly path: string;
  /** Query as on the wire without `?`, or empty. */
  readonly query: string;
  /** Peer address, or what a trusted proxy said it is. */
  readonly clientAddress: string;
  /** Value of a header by lower-case name; several values of one name are joined with `, `. */
  header(name: string): string | undefined;
}
