import type { RequestFacts } from '../http/facts.ts';
import { json, type Reply } from '../http/reply.ts';
import { embeddable } from './code.ts';
import type { Brought, EmbedContext } from './context.ts';
import { optional, required, tokenOf } from './fields.ts';
import { sessionOf, sidOf } from './handle.ts';
import { checkOrigin } from './origins.ts';
import { allOf, markOver } from './over.ts';

/**
 * `POST /.auth/embed/end`: with a handle the one session, whether the token is still good or not; with a token and `app` all
 * sessions of that person inside pages around the app, such as for a server that keeps no handles.
 */
export async function endEmbedded(
  context: EmbedContext,
  facts: RequestFacts,
  brought: Brought,
): Promise<Reply> {
  const handle = optional(brought.fields, 'handle');
  if (handle === undefined) return endAll(context, facts, brought);
  const sid = sidOf(context, handle);
  if (sid === undefined) return json(200, { ended: 0 });
  await markOver(context, sid);
  const live = await sessionOf(context, sid);
  const embed = live?.session.embed;
  if (live === undefined || embed === undefined) return json(200, { ended: 0 });
  const app = context.apps.get(embed.app);
  if (app !== undefined) checkOrigin(app, embed.origin, facts.header('origin'));
  await context.sessions.end(live, 'sign-out');
  context.report({ kind: 'end', embed, session: live.session });
  return json(200, { ended: 1 });
}

async function endAll(context: EmbedContext, facts: RequestFacts, brought: Brought): Promise<Reply> {
  const token = tokenOf(brought);
  const app = embeddable(context, required(brought.fields, 'app'));
  const { name } = app.settings;
  const { session } = await context.tokens.verify(name, token);
  const origin = facts.header('origin');
  if (origin !== undefined) checkOrigin(app, origin, origin);
  await markOver(context, allOf(name, session.identity));
  const ended = await context.sessions.endEmbedded(session.identity, name);
  context.report({
    kind: 'end',
    embed: { app: name, origin: origin ?? '', bearer: session.identity.provider },
    session,
  });
  return json(200, { ended });
}
