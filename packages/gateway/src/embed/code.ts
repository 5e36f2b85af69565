import { createHash } from 'node:crypto';
import { GatewayError } from '../core/errors.ts';
import type { RequestFacts } from '../http/facts.ts';
import { json, type Reply } from '../http/reply.ts';
import type { Brought, EmbedContext, EmbeddableApp, EmbedParts } from './context.ts';
import { required, tokenOf } from './fields.ts';
import { handleOf } from './handle.ts';
import { checkOrigin } from './origins.ts';

/** Milliseconds from asking for a code to redeeming it. */
export const CODE_LIFE = 60_000;
const PREFIX = 'embed-code:';
const PURPOSE = 'embed code';
const CODE = /^[A-Za-z0-9_-]{43}$/;
const UNKNOWN = 'it was never issued, was used, or is older than a minute';

/** What a code stands for. The token is looked at again when it is redeemed: it may be over by then. */
export interface Grant {
  readonly app: string;
  readonly origin: string;
  readonly token: string;
  readonly sid: string;
  readonly createdAt: number;
}

/**
 * `POST /.auth/embed/code`: a page, or its server, exchanges its user's token for a code that a frame redeems. The token itself
 * never comes near an address, a frame or the app.
 */
export async function issueCode(
  context: EmbedContext,
  facts: RequestFacts,
  brought: Brought,
): Promise<Reply> {
  const token = tokenOf(brought);
  const app = embeddable(context, required(brought.fields, 'app'));
  const origin = required(brought.fields, 'origin');
  const { name } = app.settings;
  const { identity } = (await context.tokens.verify(name, token)).session;
  // A server sends no Origin, and has the token; a browser cannot leave it out.
  checkOrigin(app, origin, facts.header('origin'));
  const code = Buffer.from(context.random(32)).toString('base64url');
  const sid = Buffer.from(context.random(16)).toString('hex');
  const grant: Grant = { app: name, origin, token, sid, createdAt: context.clock() };
  const row = rowOf(code);
  const sealed = context.seal.seal(PURPOSE, Buffer.from(JSON.stringify(grant)), row);
  await context.store.set(row, sealed, CODE_LIFE);
  context.report({
    kind: 'code',
    embed: { app: name, origin, bearer: identity.provider },
    session: { sid, identity },
  });
  const start = `${app.origin}/.auth/embed/start?code=${code}`;
  return json(200, { code, expires_in: CODE_LIFE / 1000, start, handle: handleOf(context, sid) });
}

/** @throws GatewayError `embedding_not_allowed` (403) */
export function embeddable({ apps }: Pick<EmbedParts, 'apps'>, name: string): EmbeddableApp {
  const app = apps.get(name);
  if (app !== undefined) return app;
  throw new GatewayError('embedding_not_allowed', 403, 'no app of this name has both embed and bearer', {
    publicMessage: 'There is no app of this name that other pages may show.',
    publicHint: 'The app needs embed and bearer in the gateway’s configuration.',
  });
}

/**
 * What a code stands for, once: it is gone before anything is made of it.
 * @throws GatewayError `embed_code_invalid` (400), `store_unavailable` (503)
 */
export async function takeGrant({ store, seal, clock }: EmbedParts, code: string): Promise<Grant> {
  if (!CODE.test(code)) throw codeInvalid('it is malformed');
  const row = rowOf(code);
  // A lock is a write, and whoever makes codes up is worth none.
  if ((await store.get(row)) === undefined) throw codeInvalid(UNKNOWN);
  return store.withLock(row, async () => {
    const sealed = await store.get(row);
    if (sealed === undefined) throw codeInvalid(UNKNOWN);
    await store.delete(row);
    const bytes = seal.open(PURPOSE, sealed, row);
    if (bytes === undefined) throw codeInvalid('it does not open');
    // What opens was sealed here, so its shape is ours.
    const grant = JSON.parse(Buffer.from(bytes).toString()) as Grant;
    if (clock() >= grant.createdAt + CODE_LIFE) throw codeInvalid('it is older than a minute');
    return grant;
  });
}

function rowOf(code: string): string {
  return PREFIX + createHash('sha256').update(code).digest('base64url');
}

/** `embed_code_invalid` (400) */
export function codeInvalid(why: string): GatewayError {
  return new GatewayError('embed_code_invalid', 400, `the code cannot be redeemed: ${why}`, {
    publicMessage: 'The link that opens this app here was used before, or is too old.',
    publicHint: 'Reload the page around it.',
  });
}
