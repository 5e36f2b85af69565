import { SignJWT } from 'jose';
import type { AssertionKeys, KeyUse } from './keys.ts';

/** Rings of keys beside that of the assertions: one for each kind of token that vendors' verifiers expect. */
const RINGS = {
  'cloudflare-access': { name: 'cloudflare-access-keys', alg: 'RS256' },
  'google-iap': { name: 'google-iap-keys', alg: 'ES256' },
} as const satisfies Readonly<Record<string, KeyUse>>;

/** Name of a ring. */
export type Ring = keyof typeof RINGS;

/** Signs in the forms of other gateways, each with keys of its own, so that no token of one passes for one of another. */
export class SigningRings {
  readonly #open: (use: KeyUse) => Promise<AssertionKeys>;
  readonly #opened = new Map<Ring, Promise<AssertionKeys>>();

  /** A ring is opened when it is first asked for: an RSA key takes its time to make, and few gateways want one. */
  constructor(open: (use: KeyUse) => Promise<AssertionKeys>) {
    this.#open = open;
  }

  /** A compact JWT (RFC 7515) of these claims. @throws GatewayError `store_unavailable` (503). */
  async sign(ring: Ring, claims: Readonly<Record<string, unknown>>): Promise<string> {
    const { kid, privateKey } = await (await this.#ring(ring)).signingKey();
    return new SignJWT({ ...claims })
      .setProtectedHeader({ alg: RINGS[ring].alg, kid, typ: 'JWT' })
      .sign(privateKey);
  }

  /** The public keys (RFC 7517). @throws GatewayError `store_unavailable` (503). */
  async jwks(ring: Ring): ReturnType<AssertionKeys['jwks']> {
    return (await this.#ring(ring)).jwks();
  }

  #ring(ring: Ring): Promise<AssertionKeys> {
    let opening = this.#opened.get(ring);
    if (opening === undefined) {
      opening = this.#open(RINGS[ring]);
      this.#opened.set(ring, opening);
      // A store that was down for a moment must not cost this profile until the next restart.
      opening.catch(() => this.#opened.delete(ring));
    }
    return opening;
  }
}
