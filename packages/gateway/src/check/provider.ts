import type { ClientSettings, ProviderSettings } from '../config/provider-settings.ts';
import { GatewayError } from '../core/errors.ts';
import type { Clock, RandomBytes } from '../core/types.ts';
import { createProvider } from '../identity/create.ts';
import { oidcError, ProviderError } from '../identity/errors/provider-error.ts';
import { type Probe, probeClient, probeRedirectUri } from '../identity/probe.ts';
import type { LoginTransaction, RedirectProvider } from '../identity/provider.ts';
import { type SafeFetch, safeFetch } from '../identity/safe-fetch.ts';
import { redirectUriOf } from '../login/context.ts';
import { newTransaction } from '../login/transaction.ts';
import { clockFinding } from './clock.ts';
import { discover } from './discovery.ts';
import { type Finding, note, ok, problem, type Section } from './finding.ts';
import type { Wanted } from './metadata.ts';

interface ProviderCheck {
  readonly settings: ProviderSettings;
  /** Every origin on which people sign in. */
  readonly origins: readonly string[];
  readonly wanted: Wanted;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

/** Looks at one provider as it is now. Nobody is signed in and nothing is changed there. */
export async function checkProvider(check: ProviderCheck): Promise<Section> {
  const { settings } = check;
  const title = `Provider ${settings.name} (${settings.type}, ${settings.place})`;
  const findings: Finding[] = [];
  try {
    await look(check, findings);
  } catch (error) {
    findings.push(troubled(error));
  }
  return { title, findings };
}

async function look(check: ProviderCheck, findings: Finding[]): Promise<void> {
  const { settings, clock, random } = check;
  const onProblem = (error: GatewayError): void => {
    findings.push(troubled(error));
  };
  const provider = await createProvider(settings, { clock, random, onProblem });
  if (provider.kind === 'form') {
    findings.push(ok('users_readable', 'The passwords can be read, and nobody else is needed.'));
    findings.push(...(provider.notes ?? []).map((text) => note('users_note', text)));
    return;
  }
  let date: { readonly value: string | null; readonly at: number } | undefined;
  const send = safeFetch();
  const fetch: SafeFetch = async (url, init) => {
    const response = await send(url, init);
    date ??= { value: response.headers.get('date'), at: clock() };
    return response;
  };
  const discovered = await discover(settings, fetch, check.wanted, findings).finally(() => {
    if (date !== undefined) findings.push(clockFinding(date.value, date.at));
  });
  if (discovered.stop) return;
  await probe(check, provider, discovered.callbackIssuer, fetch, findings);
  if (!discovered.isOidc && date !== undefined) findings.push(clockFinding(date.value, date.at));
}

/** Asks the authorization endpoint for every redirect URI, then the token endpoint for the client. */
async function probe(
  { settings, origins, random, clock }: ProviderCheck,
  provider: RedirectProvider,
  issuer: string | undefined,
  fetch: SafeFetch,
  findings: Finding[],
): Promise<void> {
  const transactionFor = (redirectUri: string): LoginTransaction =>
    newTransaction(random, { provider: provider.name, redirectUri, returnTo: '/', createdAt: clock() });
  const uris = [...new Set(origins.map((origin) => redirectUriOf(origin, provider)))];
  for (const uri of uris) {
    // For a provider that takes the wish only pushed (RFC 9126).
    const url = await provider.authorizationUrl(transactionFor(uri), { prompt: 'none' });
    const asked = await probeRedirectUri(url, uri, fetch).catch((error: unknown) => {
      throw oidcError(provider.name, 'authorization request', error);
    });
    findings.push(redirectFinding(asked, uri));
  }
  const [first] = uris;
  // Somebody else's code must not be told of a sign-in that nobody began.
  if (first === undefined || settings.type === 'plugin') return;
  findings.push(clientFinding(await probeClient(provider, transactionFor(first), issuer), settings));
}

function redirectFinding(asked: Probe, uri: string): Finding {
  if (asked.kind === 'accepted') return ok('redirect_uri', `The redirect URI ${uri} is registered.`);
  if (asked.kind === 'unknown')
    return note(
      'redirect_uri_unknown',
      'The provider does not tell without a sign-in whether the redirect URI is registered.',
      `Register this one there, exactly so: ${uri}`,
    );
  const { entry, said } = asked;
  if (entry === undefined)
    return problem(
      'authorization_refused',
      `The authorization endpoint refuses the request: ${said}.`,
      `Open the sign-in in a browser and read what the provider says there. The redirect URI to register is ${uri}`,
    );
  return problem(
    entry.wayOn,
    `${entry.happened} The provider says: ${entry.id}`,
    `${entry.fix} The redirect URI is ${uri}`,
    entry.link,
  );
}

function clientFinding(asked: Probe, settings: ProviderSettings): Finding {
  const { clientSecret, clientKey } = settings as ClientSettings;
  const isPublic = clientSecret === undefined && clientKey === undefined;
  if (asked.kind === 'accepted')
    return ok(
      'client_authentication',
      isPublic ? 'The provider knows the client.' : 'The provider accepts the client’s credentials.',
    );
  if (asked.kind === 'unknown')
    return note(
      'client_authentication_unknown',
      'The provider does not tell without a sign-in whether it accepts the client’s credentials.',
    );
  const { entry, said } = asked;
  return problem(
    entry?.wayOn ?? 'invalid_client',
    entry === undefined
      ? `The token endpoint refuses the client: ${said}.`
      : `${entry.happened} The provider says: ${entry.id}`,
    entry?.fix ?? 'Copy client_id and client_secret from the provider again.',
    entry?.link,
  );
}

function troubled(error: unknown): Finding {
  if (error instanceof ProviderError && error.entry !== undefined) {
    const { happened, fix, link, id } = error.entry;
    return problem(error.code, `${happened} (${id})`, fix, link);
  }
  if (error instanceof GatewayError)
    return problem(
      error.code,
      `${error.message.replace(/\.$/, '')}.`,
      error.publicHint ?? 'Correct this in the configuration of the provider.',
    );
  throw error;
}
