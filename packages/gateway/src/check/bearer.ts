import { discoverKeys, fetchJson } from '../bearer/fetch-json.ts';
import { introspectionJudge } from '../bearer/introspection.ts';
import type { BearerSettings, BearerSource } from '../config/settings.ts';
import { asGatewayError } from '../core/errors.ts';
import { isObject } from '../core/object.ts';
import type { Clock } from '../core/types.ts';
import type { SafeFetch } from '../identity/safe-fetch.ts';
import { type Finding, note, ok, problem, type Section } from './finding.ts';

/** What a key is called in a key set (RFC 7518 section 6.1) that is good for an algorithm. */
const KINDS: readonly (readonly [kind: string, algorithms: RegExp])[] = [
  ['RSA', /^[RP]S/],
  ['EC', /^ES/],
  ['OKP', /^Ed/],
];

/** Whether tokens of an issuer could be judged now. */
export async function checkBearer(
  settings: BearerSettings,
  fetch: SafeFetch,
  clock: Clock,
): Promise<Section> {
  const { name, issuer, audience, scopes } = settings;
  return {
    title: `Bearer tokens ${name} (${issuer})`,
    findings: [
      ...(await sourceFindings(settings, fetch, clock)),
      ok(
        'bearer_audience',
        `Tokens have to be for ${audience.join(' or ')}${scopes.length > 0 ? `, with ${scopes.join(' and ')}` : ''}.`,
      ),
    ],
  };
}

async function sourceFindings(settings: BearerSettings, fetch: SafeFetch, clock: Clock): Promise<Finding[]> {
  const { source, issuer } = settings;
  if (source.kind === 'keys')
    return [ok('bearer_keys', `${source.keys.length === 1 ? 'The key is' : 'The keys are'} here.`)];
  if (source.kind === 'secret')
    return [
      note(
        'bearer_secret',
        'Whoever has the secret of this issuer can be anybody here.',
        'Keep it on the two servers that need it, or let the host sign with a private key.',
      ),
    ];
  if (source.kind === 'introspection') return [await introspectionFinding(settings, source, fetch, clock)];
  try {
    const url = source.kind === 'jwks' ? source.url : await discoverKeys(issuer, fetch);
    return [keysFinding(await fetchJson(url, fetch), settings)];
  } catch (error) {
    return [
      problem(
        'bearer_keys_unreachable',
        `The keys of the issuer cannot be fetched: ${reason(error)}.`,
        'Write the issuer exactly as its metadata have it, a slash at the end included; or name its key set with jwks.',
      ),
    ];
  }
}

function keysFinding(set: Record<string, unknown>, { algorithms }: BearerSettings): Finding {
  const keys = Array.isArray(set['keys']) ? set['keys'].filter(isObject) : [];
  const usable = keys.filter(
    ({ kty, use }) =>
      use !== 'enc' &&
      KINDS.some(([kind, fitting]) => kind === kty && algorithms.some((one) => fitting.test(one))),
  );
  return usable.length > 0
    ? ok(
        'bearer_keys',
        `The issuer publishes ${usable.length} ${usable.length === 1 ? 'key' : 'keys'} that can be used.`,
      )
    : problem(
        'bearer_keys_unusable',
        `The issuer publishes no key for ${algorithms.join(', ')}.`,
        'Let it sign with RS256 or ES256, or correct algorithms.',
      );
}

/** Asked about a token that nobody ever issued. */
async function introspectionFinding(
  settings: BearerSettings,
  source: Extract<BearerSource, { kind: 'introspection' }>,
  fetch: SafeFetch,
  clock: Clock,
): Promise<Finding> {
  const judge = introspectionJudge(settings, source, fetch, clock);
  const failure = await judge('portico-check').then(
    () => undefined,
    (error: unknown) => asGatewayError(error, 'while an issuer was asked'),
  );
  if (failure?.code === 'invalid_token')
    return ok('introspection', 'The issuer answers, and knows that a made-up token is not active.');
  return problem(
    'introspection_refused',
    failure === undefined
      ? 'The issuer calls a made-up token active.'
      : `The introspection endpoint gives no usable answer: ${reason(failure.cause)}.`,
    'Compare its address, client_id and client_secret with the issuer; the client must be allowed to introspect.',
  );
}

function reason(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first.message.replace(/\.$/, '') : 'no reason is known';
}
