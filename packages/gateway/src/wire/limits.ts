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
  /** Bytes kept while nobody reads them yet; then the socket is paused. */
  readAhead: 64 * 1024,
  /** Bytes of a request body read and thrown away after an early answer, so that the client gets to read that answer. */
  discard: 1024 * 1024,
  /** Milliseconds for a head to arrive whole. */
  headTimeout: 20_000,
  /** Milliseconds without one byte of an expected body. */
  bodyTimeout: 60_000,
  /** Milliseconds that a connection may idle between requests. */
  keepAlive: 75_000,
} as const;
