import { ASSERTION_LIFE } from '../assertion/mint.ts';
import { asGatewayError } from '../core/errors.ts';
import type { Clock } from '../core/types.ts';
import { json, methodNotAllowed, type Reply } from '../http/reply.ts';
import type { LiveSession } from '../session/live.ts';
import type { DelegatedApp, Delegation } from './delegation.ts';
import { refusalReply, refused } from './refusal.ts';
import { sessionOver } from './subject.ts';
import { scopesOf } from './target.ts';

const TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:';
const JWT = `${TOKEN_TYPE}jwt`;
const ACCESS_TOKEN = `${TOKEN_TYPE}access_token`;
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** What the token endpoint needs besides who asks for whom. */
export interface TokenEndpointParts {
  readonly delegation: Delegation;
  /** Signs who is there, for one app. */
  readonly mint: (live: LiveSession, audience: string) => Promise<string>;
  readonly clock: Clock;
}

/** What became of a request, for log and metrics. */
interface TokenAnswer {
  readonly reply: Reply;
  readonly app?: string | undefined;
  readonly sid?: string | undefined;
  /** The failure behind a refusal. */
  readonly error?: unknown;
}

/**
 * `POST /.auth/token`: an app changes the assertion of a person, however old, for a fresh one or for an access token
 * for a declared API (RFC 8693).
 *
 * @param form - reads the body; rejects what is no form, or too large
 */
export async function answerToken(
  parts: TokenEndpointParts,
  facts: { readonly method: string; readonly authorization: string | undefined },
  form: () => Promise<URLSearchParams>,
): Promise<TokenAnswer> {
  if (facts.method !== 'POST') return { reply: methodNotAllowed('POST') };
  const about: { app?: string; sid?: string } = {};
  try {
    const app = parts.delegation.authenticateApp(facts.authorization);
    about.app = app.name;
    const asked = new Parameters(await form());
    if (asked.required('grant_type') !== TOKEN_EXCHANGE)
      throw refused('unsupported_grant_type', 400, 'not a token exchange', {
        say: `grant_type has to be ${TOKEN_EXCHANGE}.`,
      });
    if (asked.required('subject_token_type') !== JWT) throw malformed(`subject_token_type has to be ${JWT}.`);
    const live = await parts.delegation.subjectOf(asked.required('subject_token'), app);
    about.sid = live.session.sid;
    return { ...about, reply: await exchanged(parts, app, live, asked) };
  } catch (error) {
    return { ...about, error, reply: refusalReply(asGatewayError(error, 'at the token endpoint')) };
  }
}

async function exchanged(
  { delegation, mint, clock }: TokenEndpointParts,
  app: DelegatedApp,
  live: LiveSession,
  asked: Parameters,
): Promise<Reply> {
  const audience = asked.optional('audience');
  const wanted = asked.optional('requested_token_type') ?? (audience === undefined ? JWT : ACCESS_TOKEN);
  if (wanted === JWT) {
    if (audience !== undefined && audience !== app.name)
      throw refused('invalid_target', 400, `${app.name} wants an assertion for ${JSON.stringify(audience)}`, {
        say: 'An app gets assertions for itself only.',
      });
    const assertion = await mint(live, app.name);
    checkLives(live);
    return json(200, {
      access_token: assertion,
      issued_token_type: JWT,
      token_type: 'N_A',
      expires_in: ASSERTION_LIFE,
    });
  }
  if (wanted !== ACCESS_TOKEN)
    throw malformed('requested_token_type has to be that of a JWT or an access token.');
  if (audience === undefined) throw malformed('audience is missing: the name of an API.');
  const api = delegation.apiOf(audience, app, live);
  const token = await delegation.tokens.get(live, api, scopesOf(asked.optional('scope'), api));
  checkLives(live);
  const { accessToken, expiresAt, scope } = token;
  return json(200, {
    access_token: accessToken,
    issued_token_type: ACCESS_TOKEN,
    token_type: 'Bearer',
    ...(expiresAt === undefined ? {} : { expires_in: Math.max(0, Math.floor((expiresAt - clock()) / 1000)) }),
    ...(scope === undefined ? {} : { scope }),
  });
}

/** Nothing is handed out after the end, however long its making took. */
function checkLives(live: LiveSession): void {
  if (live.ended !== undefined) throw sessionOver('the session ended while its token was made');
}

/** The parameters of a request; one that is there twice means two things, and one that is empty none (RFC 6749 section 3.2). */
class Parameters {
  readonly #form: URLSearchParams;

  constructor(form: URLSearchParams) {
    this.#form = form;
  }

  optional(name: string): string | undefined {
    const [value = '', ...more] = this.#form.getAll(name);
    if (more.length > 0) throw malformed(`${name} is there more than once.`);
    return value === '' ? undefined : value;
  }

  required(name: string): string {
    const value = this.optional(name);
    if (value === undefined) throw malformed(`${name} is missing.`);
    return value;
  }
}

function malformed(say: string): Error {
  return refused('invalid_request', 400, say, { say });
}
