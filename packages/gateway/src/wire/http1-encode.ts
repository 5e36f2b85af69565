import { STATUS_CODES } from 'node:http';

/** @param reason - empty for the standard phrase */
export function statusLine(status: number, reason: string): string {
  return `HTTP/1.1 ${status} ${reason === '' ? (STATUS_CODES[status] ?? '') : reason}\r\n`;
}

/** What goes before and after the bytes of one chunk (RFC 9112 section 7.1). */
export function encodeChunk(size: number): readonly [before: string, after: string] {
  return [`${size.toString(16)}\r\n`, '\r\n'];
}

/** @param flat - names and values in turn */
export function headerLines(flat: readonly string[]): string {
  let text = '';
  for (let i = 0; i < flat.length; i += 2) text += `${flat[i]}: ${flat[i + 1]}\r\n`;
  return text;
}

/** @param trailers - flat list of names and values */
export function encodeLastChunk(trailers: readonly string[]): string {
  return `0\r\n${headerLines(trailers)}\r\n`;
}

/** For a connection that cannot be trusted any further: no page, no detail, and the end of the connection. */
export function plainAnswer(status: number, reason: string): string {
  const body = `${status} ${STATUS_CODES[status] ?? ''}: ${reason}\n`;
  return `${statusLine(status, '')}Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${body.length}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n${body}`;
}
