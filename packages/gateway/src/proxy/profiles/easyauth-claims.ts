import type { Identity } from '../../core/types.ts';
import { fittingLists, nameOf } from './profile.ts';

/** A claim in the shape of App Service. */
interface UserClaim {
  readonly typ: string;
  readonly val: string;
}

const SOAP = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/';
const MICROSOFT = 'http://schemas.microsoft.com/identity/claims/';

/**
 * App Service passes some claims on under the long names of .NET, and the others as they are:
 * https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities
 */
const LONG_NAMES: ReadonlyMap<string, string> = new Map([
  ['email', `${SOAP}emailaddress`],
  ['family_name', `${SOAP}surname`],
  ['given_name', `${SOAP}givenname`],
  ['idp', `${MICROSOFT}identityprovider`],
  ['oid', `${MICROSOFT}objectidentifier`],
  ['sub', `${SOAP}nameidentifier`],
  ['tid', `${MICROSOFT}tenantid`],
  ['upn', `${SOAP}upn`],
]);

/** Type of the claim that names people, and of those that hold roles. */
export const NAME_TYPE = 'preferred_username';
export const ROLE_TYPE = 'roles';

/** Bytes of `{"typ":"groups","val":""},`. */
const AROUND = 26;
const TENANT = /\/([0-9a-f-]{36})\/v2\.0$/;

/** What App Service calls the claims of this person; a list is one claim for each of its entries. */
export function userClaims(identity: Identity, idp: string): UserClaim[] {
  const { issuer, subject, email, name, claims = {} } = identity;
  const { roles, groups, overflow } = fittingLists(identity, AROUND);
  const tenant = TENANT.exec(issuer)?.[1];
  const told: (readonly [string, string | undefined])[] = [
    ['iss', issuer],
    ['sub', subject],
    ...(idp === 'aad' ? ([['oid', subject]] as const) : []),
    ['tid', tenant],
    ['name', name],
    ['email', email],
    [NAME_TYPE, nameOf(identity)],
    ...roles.map((role) => [ROLE_TYPE, role] as const),
    ...groups.map((group) => ['groups', group] as const),
    ...overflow.map((list) => [list, 'true'] as const),
  ];
  const known = new Set(told.map(([key]) => key));
  for (const [key, value] of Object.entries(claims)) {
    // What is decided above, and verified there, is not said again in another way.
    if (known.has(key) || key === 'email' || key === 'groups' || key === ROLE_TYPE) continue;
    for (const one of Array.isArray(value) ? (value as readonly string[]) : [value])
      told.push([key, String(one)]);
  }
  return told.flatMap(([key, val]) => (val === undefined ? [] : [{ typ: LONG_NAMES.get(key) ?? key, val }]));
}
