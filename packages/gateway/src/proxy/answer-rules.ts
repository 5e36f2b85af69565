import type { AppResponseHead } from './response-head.ts';

/** What other sites' pages may do with an app's answers; the app itself has no say in it. */
export interface AnswerRules {
  /** Who may show it in a frame, as the value of `frame-ancestors`; the app's own word when absent. */
  readonly frameAncestors?: string;
  /** Flat list of names and values that are added. */
  readonly added: readonly string[];
  /** Goes into HTML documents; for requests of pages only, since what a script asks for may be a part of one. */
  readonly insertion?: Buffer;
}

const DOCUMENT = /^text\/html\s*(?:;|$)/i;
/** Markup in which `<` is no single byte. Two runs of spaces side by side would cost the square of their length (ReDoS). */
const WIDE = /charset\s*=\s*(?:"\s*)?utf-(?:16|32)/i;
/** Checksums of a body that becomes another one. */
const CHECKSUMS = new Set(['content-md5', 'digest', 'content-digest', 'repr-digest']);

/** Whether something is to be put into this answer: a whole document, in bytes that can be read. */
export function takesInsertion(head: AppResponseHead): boolean {
  const { status } = head;
  if (status < 200 || status === 204 || status === 206 || status === 304) return false;
  const types = valuesOf(head, 'content-type');
  if (types.length !== 1 || !DOCUMENT.test(types[0] as string) || WIDE.test(types[0] as string)) return false;
  if (valuesOf(head, 'content-encoding').some((coding) => coding.toLowerCase() !== 'identity')) return false;
  return valuesOf(head, 'content-length')[0] !== '0';
}

/** @param inserted - bytes that the body has more than the app's */
export function withRules(headers: readonly string[], rules: AnswerRules, inserted: number): string[] {
  const { frameAncestors, added } = rules;
  const result: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    let value = headers[i + 1] as string;
    const lower = name.toLowerCase();
    if (frameAncestors !== undefined) {
      if (lower === 'x-frame-options') continue;
      if (lower === 'content-security-policy') value = withoutFrameAncestors(value);
      if (value === '') continue;
    }
    if (inserted > 0) {
      if (CHECKSUMS.has(lower)) continue;
      if (lower === 'content-length') value = String(Number(value) + inserted);
      // No longer byte for byte what the app calls so (RFC 9110 section 8.8.1).
      else if (lower === 'etag' && !value.startsWith('W/')) value = `W/${value}`;
      else if (lower === 'accept-ranges') continue;
    }
    result.push(name, value);
  }
  if (frameAncestors !== undefined)
    result.push('Content-Security-Policy', `frame-ancestors ${frameAncestors}`);
  result.push(...added);
  return result;
}

/** Several policies may stand in one header, each of several directives (CSP3 section 2.2). */
function withoutFrameAncestors(value: string): string {
  return value
    .split(',')
    .map((policy) =>
      policy
        .split(';')
        .filter((directive) => !/^\s*frame-ancestors(?:\s|$)/i.test(directive))
        .join(';')
        .trim(),
    )
    .filter((policy) => /[^;\s]/.test(policy))
    .join(', ');
}

function valuesOf({ headers }: AppResponseHead, wanted: string): string[] {
  const found: string[] = [];
  for (let i = 0; i < headers.length; i += 2)
    if (headers[i]?.toLowerCase() === wanted) found.push(headers[i + 1] as string);
  return found;
}
