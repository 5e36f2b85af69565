/** Bounds of the listener; memory for one client is bounded by their sum (security fact 17). */
export const LIMITS = {
  /** Bytes of a request head. Bokeh and Panel carry up to 24 KiB in a WebSocket handshake. */
  requestHead: 48 * 1024,
  /** Bytes of a response head of an app. */
  responseHead: 128 * 1024,
  headers: 256,
  /** Bytes of the trailer section of a message. */
  trailers: 8 * 1024,
  /** Bytes of one chunk-size line with its extensions. */
  chunkLine: 1024,
  /** Bytes of all chunk extensions of one body: they carry nothing, so many of them are an attack (CVE-2024-22019). */
  chunkExtensions: 16 * 1024,
  /** Bytes kept while nobody reads them yet; then the socket is paused. */
  readAhead: 64 * 1024,
  /** Bytes of answers that a pipelining client has not read yet; beyond, its next request waits. */
  writeAhead: 256 * 1024,
} as const;

/** How long a client may keep a connection waiting, in milliseconds. */
export interface Timeouts {
  /** For a head to arrive whole; also for a TLS handshake. */
  readonly head: number;
  /** Without one byte of an expected body. */
  readonly body: number;
  /** Without the client reading one byte of what waits for it. */
  readonly send: number;
  /** To throw away what a client still sends after its answer; closing at once would lose it that answer (RFC 9112 section 9.6). */
  readonly linger: number;
  /** Idle between requests. */
  readonly keepAlive: number;
  /** Between two looks at all connections. */
  readonly tick: number;
}

/** Milliseconds, see `Timeouts`. */
export const TIMEOUTS: Timeouts = {
  head: 20_000,
  body: 60_000,
  send: 60_000,
  linger: 30_000,
  keepAlive: 75_000,
  tick: 1_000,
};
