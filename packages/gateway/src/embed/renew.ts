import type { RequestFacts } from '../http/facts.ts';
import { json, type Reply } from '../http/reply.ts';
import { embeddable } from './code.ts';
import type { Brought, EmbedContext } from './context.ts';
import { required, tokenOf } from './fields.ts';
import { sessionOf, sidOf } from './handle.ts';
import { checkOrigin } from './origins.ts';
import { prolong, sessionEnded } from './prolong.ts';

/** `POST /.auth/embed/renew`: the session goes on with a newer token. No cookie changes, and no socket closes. */
export async function renewEmbedded(
  context: EmbedContext,
  facts: RequestFacts,
  brought: Brought,
): Promise<Reply> {
  const token = tokenOf(brought);
  const sid = sidOf(context, required(brought.fields, 'handle'));
  const live = sid === undefined ? undefined : await sessionOf(context, sid);
  const embed = live?.session.embed;
  if (live === undefined || embed === undefined) throw sessionEnded();
  checkOrigin(embeddable(context, embed.app), embed.origin, facts.header('origin'));
  await prolong(context, live, (await context.tokens.verify(embed.app, token)).session);
  context.report({ kind: 'renew', embed, session: live.session });
  const left = live.session.expiresAt - context.clock();
  return json(200, { expires_in: Math.max(0, Math.floor(left / 1000)) });
}
