import type { Entry } from './entry.ts';

const VALIDATION = 'https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation';
const DISCOVERY =
  'https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationValidation';

/** What nobody says, but the gateway sees: the answer is there, and it cannot be believed. */
export const LOCAL: readonly Entry[] = [
  {
    id: 'clock skew',
    vendor: 'Seen by the gateway',
    wayOn: 'clock_skew',
    when: { code: ['OAUTH_JWT_TIMESTAMP_CHECK_FAILED'] },
    example: {},
    happened: 'By the clock of this machine the ID token is not valid yet, or not any more (iat, nbf, exp).',
    fix: 'Set the clock of this machine, best by NTP (timedatectl set-ntp true; in a virtual machine, on its host). portico check measures the difference.',
    link: VALIDATION,
  },
  {
    id: 'issuer mismatch',
    vendor: 'Seen by the gateway',
    wayOn: 'issuer_mismatch',
    when: { code: ['OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED'], doing: 'discovery' },
    example: {},
    happened: 'The metadata names another issuer than the configuration.',
    fix: 'Copy the issuer from the provider’s metadata byte for byte; a slash at the end counts.',
    link: DISCOVERY,
  },
  {
    id: 'unknown key',
    vendor: 'Seen by the gateway',
    wayOn: 'sign_in_refused',
    when: { code: ['OAUTH_KEY_SELECTION_FAILED'] },
    example: {},
    happened: 'No key that the provider publishes fits the signature of the ID token (kid).',
    fix: 'If the provider has just changed its keys, it works again within a minute. Otherwise compare jwks_uri in its metadata with the keys that it signs with.',
    link: 'https://openid.net/specs/openid-connect-core-1_0.html#RotateSigKeys',
  },
  {
    id: 'wrong claim in the ID token',
    vendor: 'Seen by the gateway',
    wayOn: 'sign_in_refused',
    when: { code: ['OAUTH_JWT_CLAIM_COMPARISON_FAILED'] },
    example: {},
    happened: 'A claim of the ID token (iss, aud, azp or nonce) is not what this sign-in expects.',
    fix: 'The log names the claim. iss: compare the issuer. aud: compare client_id. nonce: the person started twice; they start again.',
    link: VALIDATION,
  },
];
