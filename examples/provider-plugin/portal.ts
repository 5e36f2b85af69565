import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ProviderPlugin } from '../../packages/gateway/src/identity/plugin.ts';

/** What the portal says of somebody, for one sign-in at one gateway. */
interface Ticket {
  readonly sub: string;
  readonly name?: string;
  readonly email?: string;
  readonly groups?: readonly string[];
  /** The redirect URI and the state that the portal was asked with. */
  readonly aud: string;
  readonly state: string;
  /** Seconds since the epoch; a minute ahead is plenty. */
  readonly exp: number;
}

const MAX_LIFE_S = 300;

/**
 * Sign-in by the company's own portal: people are sent to `url?redirect_uri=…&state=…`, and the portal, which knows who
 * is signed in there, sends them back with `code=<ticket>&state=…`. A ticket is the JSON of a `Ticket` in base64url, a dot,
 * and the base64url of its HMAC-SHA256 under a key that only the portal and the gateway know.
 */
const portal: ProviderPlugin = (options, { name, title, clock, error }) => {
  const { url, secret, issuer = new URL(text('url', options['url'])).origin } = options;
  const portalUrl = text('url', url);
  const key = text('secret', secret);
  const issuedBy = text('issuer', issuer);
  if (key.length < 32) throw new TypeError('secret should have at least 32 characters');

  const refused = (why: string): Error =>
    error('sign_in_refused', 403, `the ticket of the portal ${why}`, {
      publicMessage: 'The portal did not say who you are.',
      publicHint: 'Open the portal, sign in there, and start again.',
    });

  return {
    kind: 'redirect',
    name,
    title,

    async authorizationUrl({ redirectUri, state }) {
      const target = new URL(portalUrl);
      target.searchParams.set('redirect_uri', redirectUri);
      target.searchParams.set('state', state);
      return target;
    },

    async redeem({ url: callback, transaction }) {
      const [body = '', signature = '', ...rest] = (callback.searchParams.get('code') ?? '').split('.');
      const expected = createHmac('sha256', key).update(body).digest();
      const given = Buffer.from(signature, 'base64url');
      // Before anything in it is looked at, and in constant time.
      if (rest.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected))
        throw refused('is not signed with our key');
      const ticket = JSON.parse(Buffer.from(body, 'base64url').toString()) as Ticket;
      // Without these two a ticket for another site, or for another browser, would do here as well.
      if (ticket.aud !== transaction.redirectUri) throw refused('is for another site');
      if (ticket.state !== transaction.state) throw refused('is for another sign-in');
      const left = ticket.exp - clock() / 1000;
      if (!(left > 0 && left <= MAX_LIFE_S)) throw refused('has expired, or lives too long');
      const { sub, name: person, email, groups = [] } = ticket;
      return {
        identity: {
          issuer: issuedBy,
          subject: sub,
          provider: name,
          ...(person === undefined ? {} : { name: person }),
          // The portal gives out the company's addresses itself, so they count as verified.
          ...(email === undefined ? {} : { email }),
          roles: [],
          groups,
        },
        tokens: {},
      };
    },

    // A ticket is used up by one sign-in: there is nothing to renew and nothing to revoke.
    async refresh() {
      throw error('refresh_refused', 401, 'the portal gives no tokens to renew');
    },
    async revoke() {},
    async endSessionUrl() {
      return undefined;
    },
  };
};

function text(option: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new TypeError(`${option} should be text`);
  return value;
}

export default portal;
