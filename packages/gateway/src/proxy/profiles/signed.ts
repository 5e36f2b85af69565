import { line, type Profile, type Told } from './profile.ts';

/** Signs claims for a verifier of this vendor. */
export type Sign = (
  ring: 'cloudflare-access' | 'google-iap',
  claims: Readonly<Record<string, unknown>>,
) => Promise<string>;

interface SignedOptions {
  readonly sign: Sign;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Public URL of the gateway. */
  readonly issuer: string;
}

/** Seconds, as long as the assertion. */
const LIFE = 300;

/** Where the keys of Cloudflare's profile are, as the team's domain of Cloudflare would be. */
export const CLOUDFLARE = '/.auth/cloudflare-access';

/**
 * Cloudflare Access: RS256, the issuer is the team's domain, the audience a list.
 * https://developers.cloudflare.com/cloudflare-one/identity/authorization-cookie/validating-json/
 * https://developers.cloudflare.com/cloudflare-one/identity/authorization-cookie/application-token/
 */
export function cloudflareAccess({ sign, clock, issuer }: SignedOptions): Profile {
  return {
    headers: ['Cf-Access-Jwt-Assertion', 'Cf-Access-Authenticated-User-Email'],
    async lines({ identity, app }) {
      const { subject, email } = identity;
      const { iat, exp } = times(clock());
      const token = await sign('cloudflare-access', {
        aud: [app],
        ...(email === undefined ? {} : { email }),
        iat,
        nbf: iat,
        exp,
        iss: issuer + CLOUDFLARE,
        type: 'app',
        sub: subject,
      });
      return line('Cf-Access-Jwt-Assertion', token) + line('Cf-Access-Authenticated-User-Email', email);
    },
  };
}

/**
 * Google's Identity-Aware Proxy: ES256; names are prefixed with where they hold.
 * https://cloud.google.com/iap/docs/signed-headers-howto
 * https://cloud.google.com/iap/docs/identity-howto
 */
export function googleIap({ sign, clock }: Omit<SignedOptions, 'issuer'>): Profile {
  return {
    headers: ['X-Goog-IAP-JWT-Assertion', 'X-Goog-Authenticated-User-Email', 'X-Goog-Authenticated-User-Id'],
    async lines(told) {
      const { subject, email, claims } = told.identity;
      const place = namespace(told);
      const hd = claims?.['hd'];
      const token = await sign('google-iap', {
        // The constant that verifiers compare with; the keys are what makes this ours.
        iss: 'https://cloud.google.com/iap',
        aud: told.app,
        sub: `${place}:${subject}`,
        ...(email === undefined ? {} : { email }),
        ...(typeof hd === 'string' ? { hd } : {}),
        ...times(clock()),
      });
      return (
        line('X-Goog-IAP-JWT-Assertion', token) +
        line('X-Goog-Authenticated-User-Email', email && `${place}:${email}`) +
        line('X-Goog-Authenticated-User-Id', `${place}:${subject}`)
      );
    },
  };
}

/** `accounts.google.com`, or, as for IAP's external identities, a namespace that no two providers share. */
function namespace({ identity, idp }: Told): string {
  return idp === 'google' ? 'accounts.google.com' : `securetoken.google.com/${identity.provider}`;
}

function times(now: number): { iat: number; exp: number } {
  const iat = Math.floor(now / 1000);
  return { iat, exp: iat + LIFE };
}
