import { createHash, timingSafeEqual } from 'node:crypto';
import type { Policy } from '../policy/decide.ts';
import type { DelegatedApp } from './delegation.ts';
import { refused } from './refusal.ts';

/** An app with what it proves itself with. */
interface AppWithCredential {
  readonly name: string;
  readonly policy: Policy;
  /** Absent for an app that has none: then it cannot ask for anything. */
  readonly credential: string | undefined;
}

const BASIC = /^Basic +([A-Za-z0-9+/_-]+={0,2})$/i;

/**
 * Finds the app behind client authentication (RFC 6749 section 2.3.1). Credentials are compared as hashes and in
 * constant time, also for a name that is nobody's.
 */
export function appAuthentication(
  apps: readonly AppWithCredential[],
): (authorization: string | undefined) => DelegatedApp {
  const known = new Map(apps.map((app) => [app.name, { app, hash: hashOf(app.credential ?? '') }]));
  const nobody = hashOf('');
  return (authorization) => {
    const given = credentialsOf(authorization);
    if (given === undefined) throw refusedClient('the request carries no credential of an app');
    const [name, ...spellings] = given;
    const found = known.get(name);
    // Both spellings are always compared.
    const [exact, decoded] = spellings.map((secret) =>
      timingSafeEqual(hashOf(secret), found?.hash ?? nobody),
    );
    if (found?.app.credential === undefined || !(exact || decoded))
      // A name that is nobody's may be a secret in the wrong place.
      throw refusedClient(
        found === undefined ? 'no app has the name that was given' : `the credential is not that of ${name}`,
      );
    return found.app;
  };
}

/** Name, and the secret as it is and form-decoded: the RFC wants it encoded, many clients send it plain. */
function credentialsOf(authorization = ''): [name: string, plain: string, decoded: string] | undefined {
  const encoded = BASIC.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) return undefined;
  const secret = text.slice(colon + 1);
  return [formDecoded(text.slice(0, colon)), secret, formDecoded(secret)];
}

function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function refusedClient(message: string): Error {
  return refused('invalid_client', 401, message, {
    say: 'The app did not prove who it is: send its name and its credential with HTTP Basic.',
  });
}
