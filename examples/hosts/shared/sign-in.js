/**
 * Sign-in of a single-page product: authorization code with PKCE (RFC 7636) at the product's own identity provider. In a product
 * this is the provider's SDK; what matters here is `getToken`, which `<portico-app>` is given.
 */

/** @typedef {{ issuer: string, clientId: string, apps: string }} Settings what `settings.json` says; `apps` is the gateway */
/** @typedef {{ name: string, roles: readonly string[] }} User */
/** @typedef {{ access_token: string, refresh_token: string }} Tokens */

const KEPT = 'tokens';
const UNDER_WAY = 'sign-in';

/** @returns {Promise<Settings>} */
export async function loadSettings() {
  return (await fetch('/settings.json')).json();
}

/** @param {Settings} settings */
export function createSignIn({ issuer, clientId, apps }) {
  const here = `${location.origin}/`;

  /** @returns {Tokens | undefined} */
  const tokens = () => JSON.parse(sessionStorage.getItem(KEPT) ?? 'null') ?? undefined;

  /** @param {Record<string, string>} fields */
  async function ask(fields) {
    const body = new URLSearchParams({ ...fields, client_id: clientId, resource: apps });
    const response = await fetch(`${issuer}/token`, { method: 'POST', body });
    if (!response.ok) throw new Error(`The identity provider refused (${response.status}).`);
    sessionStorage.setItem(KEPT, JSON.stringify(await response.json()));
  }

  /** @type {Promise<void> | undefined} */
  let renewing;

  return {
    /** Goes to the identity provider's page. */
    async signIn() {
      const [state, verifier] = [random(), random()];
      sessionStorage.setItem(UNDER_WAY, JSON.stringify({ state, verifier }));
      const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
      location.href = `${issuer}/auth?${new URLSearchParams({
        response_type: 'code',
        client_id: clientId,
        redirect_uri: here,
        scope: 'openid apps',
        resource: apps,
        state,
        code_challenge: base64url(new Uint8Array(digest)),
        code_challenge_method: 'S256',
      })}`;
    },

    /**
     * Who is signed in; comes back from the identity provider's page if that is where the person was.
     * @returns {Promise<User | undefined>}
     */
    async user() {
      const query = new URLSearchParams(location.search);
      const [code, state] = [query.get('code'), query.get('state')];
      const before = JSON.parse(sessionStorage.getItem(UNDER_WAY) ?? '{}');
      if (code && state && state === before.state) {
        sessionStorage.removeItem(UNDER_WAY);
        history.replaceState(null, '', '/');
        await ask({
          grant_type: 'authorization_code',
          code,
          redirect_uri: here,
          code_verifier: before.verifier,
        });
      }
      const token = tokens()?.access_token;
      return token === undefined ? undefined : claims(token);
    },

    /**
     * The token of the person for the apps. Several apps ask at once, and a refresh token works once.
     * @param {{ readonly renew: boolean }} need
     */
    async getToken({ renew }) {
      const kept = tokens();
      if (kept === undefined) throw new Error('Nobody is signed in.');
      if (!renew && claims(kept.access_token).exp * 1000 > Date.now() + 2000) return kept.access_token;
      renewing ??= ask({ grant_type: 'refresh_token', refresh_token: kept.refresh_token }).finally(() => {
        renewing = undefined;
      });
      await renewing;
      return tokens()?.access_token ?? '';
    },

    signOut() {
      sessionStorage.clear();
    },
  };
}

/** @param {string} token @returns {User & { exp: number }} what a JWT says; the gateway, not the page, decides whether it is true */
function claims(token) {
  const text = atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'));
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (letter) => letter.charCodeAt(0))));
}

const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

/** @param {Uint8Array} bytes */
function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
