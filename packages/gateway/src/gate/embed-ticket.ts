import { bearerToken } from '../bearer/credentials.ts';
import { originRefused } from '../embed/origins.ts';
import { json, methodNotAllowed, type Reply } from '../http/reply.ts';
import { readForm } from './form.ts';
import { challenge } from './outside.ts';
import type { GateRequest } from './request.ts';
import { TICKET_LIFE } from './tickets.ts';

/** Bytes; the name of an app has at most a few dozen. */
const LARGEST_FORM = 4 * 1024;

/**
 * `POST /.auth/embed/ticket`, with a bearer token and `app=<name>`: a ticket for one WebSocket of this app. Whether its person may
 * enter is judged at the handshake, where the gate is.
 *
 * @throws GatewayError of the token or the form
 */
export async function ticketReply(request: GateRequest): Promise<Reply> {
  if (request.method !== 'POST') return methodNotAllowed('POST');
  const token = bearerToken(request.head);
  if (token === undefined) return json(401, { error: 'login_required' }, [challenge()]);
  const [name, ...more] = (await readForm(request.exchange, LARGEST_FORM)).getAll('app');
  const outside =
    more.length > 0 ? undefined : request.site.apps.find((app) => app.settings.name === name)?.outside;
  if (outside === undefined) return json(403, { error: 'embedding_not_allowed' });
  const origin = request.header('origin');
  if (origin !== undefined && origin !== request.origin && !outside.isReader(origin))
    throw originRefused(`its page may not read ${name}`);
  const ticket = await outside.ticket(token, origin);
  return json(200, { ticket, expires_in: TICKET_LIFE / 1000 });
}
