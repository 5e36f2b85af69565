import type { IncomingMessage, ServerResponse } from 'node:http';
import { type JWTPayload, jwtVerify } from 'jose';
import { type GraphScope, graphResource } from '../config/dev-graph.ts';
import type { Clock } from '../core/types.ts';
import { verifyingKey } from './keys.ts';
import type { DevPerson, People } from './people.ts';

interface GraphOptions {
  /** Of the development provider. */
  readonly issuer: string;
  readonly secret: string;
  readonly people: Pick<People, 'find'>;
  readonly clock: Clock;
}

interface Resource {
  readonly scope: GraphScope;
  readonly body: (person: DevPerson, now: number) => object;
}

/** Answers what is below `<issuer>/graph`; `path` begins with `/` and has no query. */
export type Graph = (path: string, request: IncomingMessage, response: ServerResponse) => Promise<void>;

const RESOURCES: Readonly<Record<string, Resource>> = {
  '/v1.0/me': { scope: 'User.Read', body: profile },
  '/v1.0/me/memberOf': { scope: 'User.Read', body: memberOf },
  '/v1.0/me/messages': { scope: 'Mail.Read', body: messages },
  '/v1.0/reports': { scope: 'Reports.Read.All', body: reports },
};

/**
 * A small API in the manner of Microsoft Graph, so that calls on somebody's behalf can be tried without a cloud. It
 * takes access tokens (RFC 9068) for itself only, and every answer says when the token was issued that opened it.
 */
export function devGraphApi({ issuer, secret, people, clock }: GraphOptions): Graph {
  const key = verifyingKey(secret);
  const audience = graphResource(issuer);

  const holder = async (
    request: IncomingMessage,
  ): Promise<{ token: JWTPayload; person: DevPerson } | undefined> => {
    const credential = /^Bearer +([\w.~+/-]+=*)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (credential === undefined) return undefined;
    const token = await jwtVerify(credential, key, {
      issuer,
      audience,
      algorithms: ['ES256'],
      typ: 'at+jwt',
      requiredClaims: ['sub', 'iat', 'exp'],
      currentDate: new Date(clock()),
    }).catch(() => undefined);
    const person = token && (await people.find(token.payload.sub ?? ''));
    if (token === undefined || person === undefined || token.payload['generation'] !== person.generation)
      return undefined;
    return { token: token.payload, person };
  };

  return async (path, request, response) => {
    const found = await holder(request);
    if (found === undefined) {
      const given = request.headers.authorization !== undefined;
      const challenge = given ? 'Bearer error="invalid_token"' : 'Bearer';
      return refuse(response, 401, 'InvalidAuthenticationToken', 'No good access token was sent.', challenge);
    }
    const { token, person } = found;
    const resource = Object.hasOwn(RESOURCES, path) ? RESOURCES[path] : undefined;
    if (resource === undefined) return refuse(response, 404, 'ResourceNotFound', 'There is nothing here.');
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(response, 405, 'MethodNotAllowed', 'This can only be read.');
    const scopes = String(token['scope'] ?? '').split(' ');
    if (!scopes.includes(resource.scope)) {
      const challenge = `Bearer error="insufficient_scope", scope="${resource.scope}"`;
      return refuse(response, 403, 'Forbidden', `The access token lacks ${resource.scope}.`, challenge);
    }
    const at = (seconds: number | undefined): string => new Date((seconds ?? 0) * 1000).toISOString();
    send(response, 200, {
      ...resource.body(person, clock()),
      token: { id: token.jti, issuedAt: at(token.iat), expiresAt: at(token.exp), scopes },
    });
  };
}

function profile({ id, name, email, roles }: DevPerson): object {
  return { id, displayName: name, mail: email, userPrincipalName: email, jobTitle: roles[0] ?? null };
}

function memberOf({ groups }: DevPerson): object {
  return {
    value: groups.map((name) => ({ '@odata.type': '#microsoft.graph.group', id: name, displayName: name })),
  };
}

/** Minutes ago, and what about; the newest first. */
const MAIL: readonly (readonly [number, string])[] = [
  [7, 'Numbers for Monday'],
  [95, 'Lunch?'],
  [1500, 'Welcome'],
];

function messages({ id, email }: DevPerson, now: number): object {
  return {
    value: MAIL.map(([minutes, subject], index) => ({
      id: `${id}-${index}`,
      subject,
      receivedDateTime: new Date(now - minutes * 60_000).toISOString(),
      toRecipients: [{ emailAddress: { address: email } }],
    })),
  };
}

/** Share of the whole, by region. */
const SHARES = { Europe: 0.42, Americas: 0.31, Asia: 0.19, Africa: 0.08 };

/** Revenue that goes up and down with the clock, so that whoever asks again sees something new. */
function reports(_person: DevPerson, now: number): object {
  const whole = 48_000 + 9_000 * Math.sin(now / 60_000) + 900 * Math.sin(now / 1_700);
  return {
    generatedAt: new Date(now).toISOString(),
    value: Object.entries(SHARES).map(([region, share]) => ({ region, revenue: Math.round(whole * share) })),
  };
}

function refuse(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  challenge?: string,
): void {
  if (challenge !== undefined) response.setHeader('www-authenticate', challenge);
  send(response, status, { error: { code, message } });
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(JSON.stringify(body));
}
