import type { Socket } from 'node:net';
import type { BodySink } from './body.ts';
import type { RequestHead } from './request-head.ts';

/** Status, reason and headers of an answer. */
export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  /** Flat list of names and values, without any header that belongs to one connection. */
  readonly headers: readonly string[];
  /** `none`: no body follows whatever the headers say (HEAD, 204, 304). `length`: `headers` has its Content-Length. */
  readonly body: 'none' | 'length' | 'chunked';
}

/** One request and its answer, whatever the HTTP version. An exchange answers once; calls after its end do nothing. */
export interface Exchange {
  readonly head: RequestHead;
  readonly remoteAddress: string;
  /** Starts the delivery of the request body. Answers `100 Continue` where the client waits for it. */
  readBody(sink: BodySink): void;
  pauseBody(): void;
  resumeBody(): void;

  informational(status: number, headers: readonly string[]): void;
  respond(head: ResponseHead): void;
  /** @returns false when the client reads slower than this: wait for `onDrain` */
  write(chunk: Buffer): boolean;
  end(trailers?: readonly string[]): void;
  /** Sends what is held back to save system calls; call it at the end of each turn that wrote. */
  flush(): void;
  /** Cuts the answer short so that the client sees that it is incomplete. */
  abort(): void;
  onDrain: (() => void) | undefined;
  /** The client went away before the answer ended. */
  onClose: (() => void) | undefined;

  /** Takes the connection over for another protocol; only for a request with `head.upgrade`. `rest` came after the head. */
  takeOver(): { readonly socket: Socket; readonly rest: Buffer };
}

/** Takes each request of the listener; must not throw. */
export type ExchangeHandler = (exchange: Exchange) => void;
