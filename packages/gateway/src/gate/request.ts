import { isIP } from 'node:net';
import type { GatewayError } from '../core/errors.ts';
import type { RequestFacts, RequestKind } from '../http/facts.ts';
import type { Exchange } from '../wire/exchange.ts';
import { headerValue, type RequestHead } from '../wire/request-head.ts';
import { type AddressList, plainAddress } from './addresses.ts';
import type { Site } from './sites.ts';

/** A validated request at its site: the facts that gate, pages and log judge by. */
export class GateRequest implements RequestFacts {
  readonly requestId: string;
  readonly exchange: Exchange;
  readonly site: Site;
  readonly head: RequestHead;
  readonly clientAddress: string;
  readonly kind: RequestKind;
  /** From `performance.now()`. */
  readonly startedAt: number;
  /** A token stands for its session, which no browser attaches to other sites' requests by itself. */
  byToken = false;
  /** Origin of the page around the app, where an embedded session counts. */
  embedder: string | undefined = undefined;
  /** What is wrong with its token. */
  tokenError: GatewayError | undefined = undefined;

  constructor(exchange: Exchange, site: Site, requestId: string, clientAddress: string) {
    this.exchange = exchange;
    this.head = exchange.head;
    this.site = site;
    this.requestId = requestId;
    this.clientAddress = clientAddress;
    this.startedAt = performance.now();
    this.kind = kindOf(exchange.head);
  }

  get method(): string {
    return this.head.method;
  }
  get origin(): string {
    return this.site.origin;
  }
  get path(): string {
    return this.head.path;
  }
  get query(): string {
    return this.head.query;
  }

  header(name: string): string | undefined {
    return headerValue(this.head, name);
  }
}

/** Fetch Metadata tells a navigation from a fetch; a client without it is judged by what it accepts. */
function kindOf(head: RequestHead): RequestKind {
  if (isHandshake(head)) return 'upgrade';
  let accept = '';
  let scripted = false;
  for (let i = 0; i < head.names.length; i++) {
    const name = head.names[i]?.lower;
    if (name === 'sec-fetch-mode') return head.values[i] === 'navigate' ? 'page' : 'data';
    if (name === 'accept') accept = head.values[i] as string;
    else if (name === 'x-requested-with') scripted = true;
  }
  return !scripted && (head.method === 'GET' || head.method === 'HEAD') && accept.includes('text/html')
    ? 'page'
    : 'data';
}

/** RFC 6455 section 4.1. Anything else that asks to upgrade is an ordinary request, and goes on without asking. */
function isHandshake(head: RequestHead): boolean {
  return (
    head.upgrade === 'websocket' &&
    head.method === 'GET' &&
    head.framing.kind === 'none' &&
    head.version === '1.1'
  );
}

/**
 * Who asks: the peer, or, when the peer is a listed proxy, the last address in X-Forwarded-For that is not one.
 * Addresses further left are the client's own claim (CVE-2026-40575).
 */
export function clientAddress(peer: string, head: RequestHead, trusted: AddressList): string {
  const address = plainAddress(peer);
  if (!trusted.has(address)) return address;
  const claimed = (headerValue(head, 'x-forwarded-for') ?? '')
    .split(',')
    .map((part) => plainAddress(bare(part.trim())));
  // The nearest one that is no proxy of ours decides; when it is no address, nothing left of it counts either.
  const nearest = claimed.findLast((part) => isIP(part) === 0 || !trusted.has(part));
  return nearest === undefined || isIP(nearest) === 0 ? address : nearest;
}

/** Without the port that some proxies add: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function bare(address: string): string {
  return /^\[([^\]]+)\](?::\d+)?$/.exec(address)?.[1] ?? address.replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1');
}
