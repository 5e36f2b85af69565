import { withoutAddedRoles } from '../core/added-roles.ts';
import { withDeadline } from '../core/deadline.ts';
import { GatewayError } from '../core/errors.ts';
import { isObject } from '../core/object.ts';
import { isSamePerson } from '../core/same-person.ts';
import type { Identity, Session, SignedIn, TokenSet } from '../core/types.ts';
import { claimsNamed, identityFrom } from './claims.ts';
import type { DelegatedToken, FormProvider, IdentityProvider, RedirectProvider } from './provider.ts';
import { isSecure } from './safe-fetch.ts';

interface Named {
  readonly name: string;
  readonly title: string;
}

/** A plug-in that waits for something that never comes must not hold a request for ever. */
const TIMEOUT_MS = 30_000;
const MAX_CLAIMS = 20;

/**
 * A provider that somebody else wrote, behind the gateway's own rules: its name is the configuration's, every failure is
 * one of our errors, every call ends, and an identity, a token set or an address is what the types promise.
 */
export function guard(plugin: IdentityProvider, named: Named): IdentityProvider {
  return plugin.kind === 'form' ? guardForm(plugin, named) : guardRedirect(plugin, named);
}

function guardRedirect(plugin: RedirectProvider, { name, title }: Named): RedirectProvider {
  return {
    kind: 'redirect',
    name,
    title,
    authorizationUrl: (transaction, hints) =>
      call(name, 'authorizationUrl', async () => address(await plugin.authorizationUrl(transaction, hints))),
    redeem: (callback) => call(name, 'redeem', async () => signedIn(name, await plugin.redeem(callback))),
    refresh: (session) =>
      call(name, 'refresh', async () => {
        const fresh = signedIn(name, await plugin.refresh(asTold(session)));
        // Security fact 5, as for every provider: a refresh never turns one person into another.
        if (!isSamePerson(fresh.identity, session.identity))
          throw new GatewayError('refresh_refused', 401, `provider "${name}" renews somebody else's session`);
        return fresh;
      }),
    ...(plugin.tokenFor === undefined
      ? {}
      : {
          tokenFor: (session, wanted) =>
            call(name, 'tokenFor', async () => delegated(await plugin.tokenFor?.(asTold(session), wanted))),
        }),
    revoke: (tokens) => call(name, 'revoke', async () => plugin.revoke(tokens)),
    endSessionUrl: (tokens, back) =>
      call(name, 'endSessionUrl', async () => {
        const url = await plugin.endSessionUrl(tokens, back);
        return url === undefined ? undefined : address(url);
      }),
  };
}

function guardForm(plugin: FormProvider, { name, title }: Named): FormProvider {
  return {
    kind: 'form',
    name,
    title,
    asksUsername: plugin.asksUsername,
    authenticate: (given) =>
      call(name, 'authenticate', async () => signedIn(name, await plugin.authenticate(given))),
  };
}

/** Whoever gives back what it got must not make the configuration's roles its own. */
function asTold({
  identity,
  tokens,
}: Pick<Session, 'identity' | 'tokens'>): Pick<Session, 'identity' | 'tokens'> {
  return { identity: withoutAddedRoles(identity), tokens };
}

/** Runs a method of the plug-in; what it throws that is no `GatewayError` stays inside the log. */
async function call<T>(name: string, method: string, run: () => Promise<T>): Promise<T> {
  try {
    return await withDeadline(run(), TIMEOUT_MS, () => new TypeError(`no answer in ${TIMEOUT_MS} ms`));
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    throw new GatewayError('sign_in_refused', 502, `provider "${name}" failed in ${method}`, {
      cause: error,
      publicMessage: 'This sign-in could not be completed.',
      publicHint: 'Please start again. If that does not help, ask whoever runs this site to look at its log.',
    });
  }
}

/** Browsers are sent there, so `javascript:` and plain http are refused. */
function address(url: unknown): URL {
  if (!(url instanceof URL) || !isSecure(url)) throw new TypeError('the address is not a URL with https');
  return url;
}

function signedIn(name: string, result: unknown): SignedIn {
  const { identity, tokens } = isObject(result) ? result : {};
  if (!isObject(identity)) throw new TypeError('there is no identity in what it returns');
  const { issuer, subject, email, name: person, user, roles, groups, claims: further } = identity;
  if (typeof issuer !== 'string' || issuer === '') throw new TypeError('the identity has no issuer');
  const claims = { sub: subject, name: person, user, email, email_verified: true, roles, groups };
  const settings = {
    name,
    rolesClaim: 'roles',
    groupsClaim: 'groups',
    ...(user === undefined ? {} : { userClaim: 'user' }),
  };
  const checked: Identity = identityFrom(issuer, settings, claims);
  const passed = isObject(further)
    ? claimsNamed(Object.keys(further).slice(0, MAX_CLAIMS), further)
    : undefined;
  return {
    identity: passed === undefined ? checked : { ...checked, claims: passed },
    tokens: tokenSet(tokens ?? {}),
  };
}

function delegated(result: unknown): DelegatedToken {
  const { token, tokens } = isObject(result) ? result : {};
  const {
    accessToken,
    accessTokenExpiresAt: expiresAt,
    scope,
  } = tokenSet(isObject(token) ? { ...token, accessTokenExpiresAt: token['expiresAt'] } : token);
  // It goes into a header: https://www.rfc-editor.org/rfc/rfc6750#section-2.1
  if (accessToken === undefined || !/^[\w\-.~+/]+=*$/.test(accessToken))
    throw new TypeError('the token has no accessToken that a header can carry');
  return {
    token: {
      accessToken,
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(scope === undefined ? {} : { scope }),
    },
    ...(tokens === undefined ? {} : { tokens: tokenSet(tokens) }),
  };
}

function tokenSet(tokens: unknown): TokenSet {
  if (!isObject(tokens)) throw new TypeError('the tokens are not an object');
  const text = (key: keyof TokenSet): Record<string, string> => {
    const value = tokens[key];
    if (value === undefined) return {};
    if (typeof value !== 'string') throw new TypeError(`${key} is not text`);
    return { [key]: value };
  };
  const expires = tokens['accessTokenExpiresAt'];
  if (expires !== undefined && !Number.isFinite(expires))
    throw new TypeError('accessTokenExpiresAt is not a number of milliseconds');
  return {
    ...text('accessToken'),
    ...text('refreshToken'),
    ...text('idToken'),
    ...text('scope'),
    ...(typeof expires === 'number' ? { accessTokenExpiresAt: expires } : {}),
  };
}
