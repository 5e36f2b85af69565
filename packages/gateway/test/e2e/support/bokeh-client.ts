import { once } from 'node:events';
import { inflateSync } from 'node:zlib';
import { WebSocket } from 'ws';

/** The session token of a page or of an `autoload.js`, which is where a browser has it from. */
export function tokenIn(text: string): string {
  const token = /"token":\s*"([^"]+)"/.exec(text)?.[1];
  if (token === undefined) throw new Error(`There is no token in: ${text.slice(0, 200)}`);
  return token;
}

interface TokenContent {
  readonly sessionId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: Readonly<Record<string, string>>;
}

/** What a token tells everybody who sees it. */
export function contentOf(token: string): TokenContent {
  const json = (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString());
  const outer = json(Buffer.from(token.split('.')[0] ?? '', 'base64url'));
  const inner = json(inflateSync(Buffer.from(outer.__bk__zlib_, 'base64url')));
  return { sessionId: outer.session_id, headers: inner.headers, cookies: inner.cookies };
}

interface Visit {
  /** `101`, or how the handshake was refused. */
  readonly status: number;
  /** The document that the server has for the token, as JSON; empty when it closes instead. */
  readonly document: string;
}

/** Opens an app's WebSocket with a token, and asks for the document behind it as BokehJS does. */
export async function visit(
  url: string,
  token: string,
  options: { readonly cookie?: string; readonly origin: string },
): Promise<Visit> {
  const client = new WebSocket(url.replace(/^http/, 'ws'), ['bokeh', token], {
    origin: options.origin,
    headers: options.cookie === undefined ? {} : { cookie: options.cookie },
  });
  // Listens from the start: the server's first message may come with the answer to the handshake.
  const document = new Promise<string>((resolve) => {
    // Bokeh's close code is one that no standard knows, so it may come as an error.
    client.on('error', () => resolve(''));
    client.on('close', () => resolve(''));
    let last = '';
    client.on('message', (data) => {
      const text = String(data);
      if (text.includes('"ACK"'))
        for (const part of [{ msgid: '1', msgtype: 'PULL-DOC-REQ' }, {}, {}])
          client.send(JSON.stringify(part));
      if (last.includes('"PULL-DOC-REPLY"') && text.includes('"doc"')) resolve(text);
      if (text.includes('"msgtype"')) last = text;
    });
  });
  const refused = once(client, 'unexpected-response').then(([, answer]) => Number(answer.statusCode));
  const status = await Promise.race([once(client, 'open').then(() => 101), refused]);
  try {
    return { status, document: status === 101 ? await document : '' };
  } finally {
    client.terminate();
  }
}
