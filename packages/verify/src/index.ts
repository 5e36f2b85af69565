export { type AssertionOptions, assertionVerifier, type ClaimValue, type User } from './assertion.ts';
export { type Access, type Algorithm, type BearerOptions, bearerVerifier } from './bearer.ts';
export { type VerifyCode, VerifyError } from './errors.ts';
export type { GuardOptions } from './guard.ts';
export { meets, type Requirements } from './requirements.ts';
export type { Principal, RequestHead, Verifier } from './verifier.ts';
