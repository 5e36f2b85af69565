import { headerName } from '../http/header-names.ts';
import type { RequestHead } from '../wire/request-head.ts';

/** What an app that takes tokens, or is shown by other sites, does not get as the client said it. */
interface Changes {
  /** The token is for the gateway: an app that got it could use it elsewhere, and Bokeh prints headers into its page. */
  readonly withoutAuthorization: boolean;
  /** In place of the client's: frameworks refuse other sites, and here the gateway has judged. */
  readonly origin: string | undefined;
  /** The answer has to be readable, because something is put into it. */
  readonly plainAnswer: boolean;
}

/** The head as the app gets it, less the identity that `requestText` takes off. */
export function outsideHead(head: RequestHead, changes: Changes): RequestHead {
  const { withoutAuthorization, origin, plainAnswer } = changes;
  const names: RequestHead['names'][number][] = [];
  const rawNames: string[] = [];
  const values: string[] = [];
  head.names.forEach((name, i) => {
    const { lower } = name;
    if (withoutAuthorization && isAuthorization(lower)) return;
    if (plainAnswer && lower === 'accept-encoding') return;
    names.push(name);
    rawNames.push(head.rawNames[i] as string);
    values.push(lower === 'origin' && origin !== undefined ? origin : (head.values[i] as string));
  });
  const identity = headerName('Accept-Encoding');
  if (plainAnswer && identity !== undefined) {
    names.push(identity);
    rawNames.push('Accept-Encoding');
    values.push('identity');
  }
  return { ...head, names, rawNames, values };
}

/** Whatever an app server could take for it, as with identity. */
function isAuthorization(lower: string): boolean {
  return lower.replace(/[^a-z0-9]/g, '') === 'authorization';
}
