import { createRemoteJWKSet, jwtVerify } from 'jose';

/** What this app wants to know of a person. */
export interface Person {
  readonly id: string;
  /** Opaque handle of the session: one person may look from two browsers. */
  readonly session: string;
  readonly name: string;
  readonly email: string;
  readonly provider: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
}

/** Settles with the person that a `Portico-Assertion` vouches for, or with `undefined`: nobody is let in on a bad one. */
export type Verify = (assertion: string | undefined) => Promise<Person | undefined>;

/** Verifies as any app should: signature by the published keys, algorithm, type, issuer and audience, all of them. */
export function assertionVerifier(options: {
  jwksUrl: string;
  issuer: string;
  audience: string;
  log: (line: string) => void;
}): Verify {
  const keys = createRemoteJWKSet(new URL(options.jwksUrl));
  return async (assertion) => {
    if (!assertion) return undefined;
    try {
      const { payload } = await jwtVerify(assertion, keys, {
        issuer: options.issuer,
        audience: options.audience,
        algorithms: ['ES256'],
        typ: 'portico+jwt',
        requiredClaims: ['sub', 'exp', 'iat'],
      });
      const id = payload.sub ?? '';
      const email = text(payload['email']);
      return {
        id,
        session: text(payload['sid']),
        name: text(payload['name']) || email || id,
        email,
        provider: text(payload['provider']),
        roles: list(payload['roles']),
        groups: list(payload['groups']),
      };
    } catch (problem) {
      options.log(`assertion refused: ${problem instanceof Error ? problem.message : 'unreadable'}`);
      return undefined;
    }
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function list(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}
