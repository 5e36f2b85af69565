import type { Identity } from './types.ts';

/** Keyed on issuer and subject, never on e-mail (CVE-2023-3128). */
export function isSamePerson(a: Identity, b: Identity): boolean {
  return a.issuer === b.issuer && a.subject === b.subject;
}
