import { refused } from '../bearer/refusal.ts';
import { GatewayError } from '../core/errors.ts';
import type { Brought, Fields } from './context.ts';

/** A field that may be missing, and must not be there twice: two could mean two things. @throws GatewayError `invalid_request` (400) */
export function optional(fields: Fields, name: string): string | undefined {
  const [value, ...more] = fields.getAll(name);
  if (more.length > 0) throw invalid(`${name} is there twice`);
  return value === '' ? undefined : value;
}

/** @throws GatewayError `invalid_request` (400) */
export function required(fields: Fields, name: string): string {
  const value = optional(fields, name);
  if (value === undefined) throw invalid(`${name} is missing`);
  return value;
}

/**
 * The token of a request: in the header or, so that a browser need not ask before it sends, in the body as `access_token`
 * (RFC 6750 section 2.2). Never in the address.
 *
 * @throws GatewayError `invalid_token` (401) when there is none, `invalid_request` (400)
 */
export function tokenOf({ token: inHeader, fields }: Brought): string {
  const inBody = optional(fields, 'access_token');
  if (inHeader !== undefined && inBody !== undefined) throw invalid('the token is there twice');
  const token = inHeader ?? inBody;
  if (token === undefined) throw refused('The request has no token');
  return token;
}

/** @param message - also shown to whoever wrote the request */
export function invalid(message: string): GatewayError {
  return new GatewayError('invalid_request', 400, message, {
    publicMessage: `The request is wrong: ${message}.`,
  });
}
