import type { Configuration, errors, interactionPolicy, KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Sealer } from '../session/seal.ts';
import type { SessionStore } from '../session/store.ts';
import { storeAdapter } from './adapter.ts';
import { DEV_CSP } from './form.ts';
import { derived, signingKey } from './keys.ts';
import { devProblemPage, endSessionPage } from './pages.ts';
import type { DevPerson, People } from './people.ts';
import type { Resources } from './resources.ts';

/** A client of the development provider: the gateway itself, or an API's own. */
export interface DevClient {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
}

interface DevConfiguration {
  readonly issuer: string;
  readonly clients: readonly DevClient[];
  readonly people: Pick<People, 'find'>;
  /** What people have besides, by name. */
  readonly claims: readonly string[];
  readonly resources: Resources;
  /** Life of access and ID tokens, in seconds. */
  readonly tokenLifetime: number;
  readonly secret: string;
  readonly store: SessionStore;
  readonly sealer: Sealer;
  readonly policy: interactionPolicy.DefaultPolicy;
  readonly errors: typeof errors;
}

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Strict where it can be: code flow with PKCE, nothing that the gateway does not use. */
export function configuration(given: DevConfiguration): Configuration {
  const { issuer, people, resources, tokenLifetime } = given;
  return {
    adapter: storeAdapter(given.store, given.sealer),
    clients: given.clients.map((client) => ({
      client_id: client.clientId,
      client_secret: client.clientSecret,
      redirect_uris: [...client.redirectUris],
      post_logout_redirect_uris: [...client.postLogoutRedirectUris],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      id_token_signed_response_alg: 'ES256',
    })),
    jwks: { keys: [signingKey(given.secret)] },
    cookies: {
      // Under the gateway's own names, so that no app behind it ever sees them.
      names: {
        session: 'portico-dev-session',
        interaction: 'portico-dev-interaction',
        resume: 'portico-dev-resume',
      },
      keys: [derived(given.secret, 'cookies').toString('base64url')],
      long: { httpOnly: true, sameSite: 'lax', path: new URL(issuer).pathname, signed: true },
      short: { httpOnly: true, sameSite: 'lax', signed: true },
    },
    scopes: ['openid', 'offline_access', 'profile', 'email', 'roles', 'groups'],
    claims: {
      openid: ['sub', 'roles', 'groups', ...given.claims],
      profile: ['name', 'preferred_username'],
      email: ['email', 'email_verified'],
    },
    conformIdTokenClaims: false,
    responseTypes: ['code'],
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: {
        enabled: true,
        // Whoever signs in may ask for a token for any of them later, by its name or by scopes alone.
        defaultResource: (ctx, _client, oneOf) =>
          oneOf === undefined
            ? [...resources.identifiers]
            : resources.meant(oneOf, ctx.oidc.requestParamScopes),
        useGrantedResource: () => false,
        getResourceServerInfo: (_ctx, identifier) => {
          const scopes = resources.scopesOf(identifier);
          if (scopes === undefined) throw new given.errors.InvalidTarget();
          return {
            scope: [...scopes].join(' '),
            audience: identifier,
            accessTokenFormat: 'jwt',
            accessTokenTTL: tokenLifetime,
            jwt: { sign: { alg: 'ES256' } },
          };
        },
      },
      introspection: { enabled: false },
      revocation: {
        enabled: true,
        allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId,
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx) => sendPage(ctx, endSessionPage(`${issuer}/session/end/confirm`, xsrfOf(ctx))),
        postLogoutSuccessSource: (ctx) =>
          sendPage(ctx, devProblemPage('You are signed out', 'Choose a person to sign in again.')),
      },
    },
    interactions: {
      policy: given.policy,
      url: (_ctx, interaction) => `${issuer}/interaction/${interaction.uid}`,
    },
    // The gateway asks for what it needs and everybody here agrees, so there is no page for consent.
    loadExistingGrant: (ctx) => grantEverything(ctx),
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    expiresWithSession: async () => false,
    findAccount: async (_ctx, sub) => {
      const person = await people.find(sub);
      return person && { accountId: person.id, claims: async () => claimsOf(person) };
    },
    extraTokenClaims: async (_ctx, token) => {
      const id = 'accountId' in token ? token.accountId : undefined;
      return { generation: (id === undefined ? undefined : await people.find(id))?.generation };
    },
    clientBasedCORS: () => false,
    renderError: (ctx, out) =>
      sendPage(
        ctx,
        devProblemPage(
          'This did not work',
          `${out.error}: ${out.error_description ?? 'no further description'}`,
        ),
      ),
    ttl: {
      AccessToken: tokenLifetime,
      AuthorizationCode: 60,
      IdToken: tokenLifetime,
      Interaction: HOUR,
      Grant: 14 * DAY,
      RefreshToken: 14 * DAY,
      Session: 14 * DAY,
    },
  };
}

function claimsOf(persona: DevPerson): { sub: string; [claim: string]: unknown } {
  return {
    ...persona.claims,
    sub: persona.id,
    name: persona.name,
    preferred_username: persona.id,
    email: persona.email,
    email_verified: true,
    roles: [...persona.roles],
    groups: [...persona.groups],
  };
}

async function grantEverything(
  ctx: KoaContextWithOIDC,
): Promise<InstanceType<Provider['Grant']> | undefined> {
  const { client, session, provider } = ctx.oidc;
  if (client === undefined || session?.accountId === undefined) return undefined;
  const known = session.grantIdFor(client.clientId);
  const grant =
    (known === undefined ? undefined : await provider.Grant.find(known)) ??
    new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  const asked = [...ctx.oidc.requestParamScopes];
  grant.addOIDCScope(asked.join(' '));
  for (const [identifier, { scopes }] of Object.entries(ctx.oidc.resourceServers ?? {}))
    grant.addResourceScope(identifier, asked.filter((scope) => scopes.has(scope)).join(' '));
  await grant.save();
  return grant;
}

function xsrfOf(ctx: KoaContextWithOIDC): string {
  const secret = (ctx.oidc.session?.state as { secret?: unknown } | undefined)?.secret;
  return typeof secret === 'string' ? secret : '';
}

function sendPage(ctx: KoaContextWithOIDC, page: string): void {
  ctx.type = 'html';
  ctx.set('Content-Security-Policy', DEV_CSP);
  ctx.set('Referrer-Policy', 'same-origin');
  ctx.body = page;
}
