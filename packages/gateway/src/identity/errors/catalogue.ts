import { AUTH0 } from './auth0.ts';
import { ENTRA } from './entra.ts';
import { type Entry, holds, type Told } from './entry.ts';
import { GITHUB } from './github.ts';
import { GOOGLE } from './google.ts';
import { LOCAL } from './local.ts';
import { NETWORK } from './network.ts';
import { OAUTH } from './oauth.ts';
import { OKTA } from './okta.ts';
import { SELF_HOSTED } from './self-hosted.ts';

/** Everything that is known, the most particular first: the first entry that fits decides. */
export const CATALOGUE: readonly Entry[] = [
  ...ENTRA,
  ...GOOGLE,
  ...GITHUB,
  ...OKTA,
  ...AUTH0,
  ...SELF_HOSTED,
  ...OAUTH,
  ...LOCAL,
  ...NETWORK,
];

export function lookUp(told: Told): Entry | undefined {
  return CATALOGUE.find((entry) => holds(entry.when, told));
}

/** What a provider's own error page says, in the middle of whatever else is on it. */
export function lookUpPage(text: string): Entry | undefined {
  return lookUp({ errors: [], text, codes: [], doing: 'authorization request' });
}
