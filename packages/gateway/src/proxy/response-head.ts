import { headerName } from '../http/header-names.ts';
import { CHUNKED, type Framing, NO_BODY } from '../wire/request-head.ts';

/** A response head of an app. */
export interface AppResponseHead {
  readonly status: number;
  readonly reason: string;
  /** Flat list of names and values as on the wire, all of them. */
  readonly headers: string[];
  readonly framing: Framing | { readonly kind: 'until-close' };
  /** The connection may serve another request. */
  readonly reusable: boolean;
  readonly nominated: readonly string[] | undefined;
}

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Parses what an app answered. Lenient where only the app itself could suffer, strict where framing or header injection
 * is at stake.
 *
 * @param text - the head as latin1, without the final empty line
 * @param requestMethod - an answer to HEAD has no body whatever it says (RFC 9112 section 6.3)
 * @returns undefined when the app does not speak HTTP properly
 */
export function parseResponseHead(text: string, requestMethod: string): AppResponseHead | undefined {
  let end = text.indexOf('\r\n');
  const line = STATUS_LINE.exec(end < 0 ? text : text.slice(0, end));
  if (line === null) return undefined;
  const status = Number(line[2]);
  const headers: string[] = [];
  let length: string | undefined;
  let chunked = false;
  let connection: string | undefined;
  while (end >= 0) {
    const start = end + 2;
    end = text.indexOf('\r\n', start);
    const stop = end < 0 ? text.length : end;
    const colon = text.indexOf(':', start);
    if (colon < 0 || colon >= stop) return undefined;
    const raw = text.slice(start, colon);
    const name = headerName(raw);
    const value = text.slice(colon + 1, stop).trim();
    if (name === undefined || !VALUE.test(value)) return undefined;
    headers.push(raw, value);
    if (name.kind === 'content-length') {
      if (length !== undefined && length !== value) return undefined;
      if (!/^[0-9]{1,15}$/.test(value)) return undefined;
      length = value;
    } else if (name.kind === 'hop') {
      if (name.lower === 'transfer-encoding') {
        // HTTP/1.0 has no transfer codings, and one that is said twice would be two layers (RFC 9112 section 6.1).
        if (value.toLowerCase() !== 'chunked' || chunked || line[1] === '0') return undefined;
        chunked = true;
      } else if (name.lower === 'connection') {
        connection = connection === undefined ? value.toLowerCase() : `${connection},${value.toLowerCase()}`;
      }
    }
  }
  // Two ways to end one answer: the app repeats somebody's header, or somebody forged one (RFC 9112 section 6.3).
  if (chunked && length !== undefined) return undefined;
  const options = connection?.split(',').map((option) => option.trim());
  const bodyless = requestMethod === 'HEAD' || status < 200 || status === 204 || status === 304;
  const framing = bodyless
    ? NO_BODY
    : chunked
      ? CHUNKED
      : length !== undefined
        ? ({ kind: 'length', length: Number(length) } as const)
        : ({ kind: 'until-close' } as const);
  const persistent = line[1] === '1' ? !options?.includes('close') : options?.includes('keep-alive') === true;
  return {
    status,
    reason: line[3] ?? '',
    headers,
    framing,
    reusable: persistent && framing.kind !== 'until-close',
    nominated: options?.filter(
      (option) => option !== 'close' && option !== 'keep-alive' && option !== 'upgrade',
    ),
  };
}
