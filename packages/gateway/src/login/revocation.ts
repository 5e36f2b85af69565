import { withDeadline } from '../core/deadline.ts';
import { asGatewayError } from '../core/errors.ts';
import type { Session } from '../core/types.ts';
import type { LoginContext } from './context.ts';

/** A provider that takes longer is not waited for. */
const PATIENCE = 5_000;

/**
 * Revokes the tokens of somebody who has signed out (RFC 7009), behind the answer: what it meets is logged, and changes nothing.
 *
 * Only here. A session that is replaced, lapses, or is ended by an operator or the provider just loses its tokens, which
 * never left this store: at many providers revoking one takes the whole grant along, and with it the person's other sessions.
 */
export function revokeTokens(
  context: Pick<LoginContext, 'providers' | 'report'>,
  requestId: string,
  session: Session,
): void {
  const { identity, tokens } = session;
  const provider = context.providers.get(identity.provider);
  if (provider?.kind !== 'redirect') return;
  const late = () => new Error('no answer in time');
  withDeadline(provider.revoke(tokens), PATIENCE, late).catch((error: unknown) =>
    context.report({
      kind: 'revocation-failed',
      requestId,
      provider: provider.name,
      error: asGatewayError(error, 'during sign-out'),
    }),
  );
}
