import type { AssertionKeys } from '../assertion/keys.ts';
import { readAssertion } from '../assertion/read.ts';
import type { GatewayError } from '../core/errors.ts';
import { mayEnter } from '../policy/decide.ts';
import type { LiveSession } from '../session/live.ts';
import type { Sessions } from '../session/sessions.ts';
import type { DelegatedApp } from './delegation.ts';
import { refused } from './refusal.ts';

interface SubjectParts {
  readonly keys: Pick<AssertionKeys, 'verifyingKey'>;
  readonly sessions: Pick<Sessions, 'bySid'>;
  /** `iss` of the assertions. */
  readonly issuer: string;
}

/** See `Delegation.subjectOf`. */
export function subjects({ keys, sessions, issuer }: SubjectParts) {
  return async (assertion: string, app: DelegatedApp): Promise<LiveSession> => {
    const named = await readAssertion(assertion, { keys, issuer, audience: app.name });
    if (named === undefined)
      throw refusedGrant(
        `not an assertion for ${app.name}`,
        'The assertion is not one that this gateway made for this app.',
      );
    const live = await sessions.bySid(named.sid);
    const identity = live?.session.identity;
    if (
      live === undefined ||
      live.ended !== undefined ||
      identity?.subject !== named.subject ||
      identity.provider !== named.provider
    )
      throw sessionOver(`session ${named.sid} is over`);
    if (!mayEnter(identity, app.policy))
      throw refusedGrant(
        `the person of session ${named.sid} may no longer enter ${app.name}`,
        'This person may not enter the app any more.',
      );
    return live;
  };
}

/** @param message - for the log */
export function sessionOver(message: string, cause?: unknown): GatewayError {
  return refusedGrant(message, 'The session is over: the person has to sign in again.', cause);
}

function refusedGrant(message: string, say: string, cause?: unknown): GatewayError {
  return refused('invalid_grant', 400, message, { say, ...(cause === undefined ? {} : { cause }) });
}
