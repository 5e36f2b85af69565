import type { ProviderLogout, Session } from '../core/types.ts';

/** Whether an operator who names a `sid`, a subject or an e-mail address (in any case) means this session. */
export function isMeant(session: Session, userOrSid: string): boolean {
  const { subject, email } = session.identity;
  return (
    session.sid === userOrSid || subject === userOrSid || email?.toLowerCase() === userOrSid.toLowerCase()
  );
}

/** Whether a provider's logout means this session; one whose provider gave it no name ends with the person's. */
export function isLoggedOut({ identity, providerSid }: Session, meant: ProviderLogout): boolean {
  if (identity.issuer !== meant.issuer) return false;
  if (meant.sid !== undefined && providerSid !== undefined) return providerSid === meant.sid;
  return meant.subject !== undefined && identity.subject === meant.subject;
}
