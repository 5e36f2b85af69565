/** What somebody whose sign-in failed is told. Nothing of the provider's own words is in it. */
interface Words {
  readonly status: number;
  /** What happened. */
  readonly message: string;
  /** What that person can do. */
  readonly hint: string;
}

const ASK_OPERATOR = 'Tell whoever runs this site the request number below; the reason is in its log.';
const OTHER_ACCOUNT = 'Use another account, or ask whoever administers your accounts to let this one in.';

/** By stable code. docs/errors.md says the same to operators. */
export const WAYS_ON = {
  access_denied: {
    status: 403,
    message: 'The sign-in service did not let you in, or you cancelled.',
    hint: 'Start again, or use another account.',
  },
  account_not_allowed: {
    status: 403,
    message: 'The sign-in service does not let your account use this site.',
    hint: OTHER_ACCOUNT,
  },
  wrong_tenant: {
    status: 403,
    message: 'Your account belongs to an organization that may not sign in here.',
    hint: OTHER_ACCOUNT,
  },
  sign_in_conditions: {
    status: 403,
    message: 'Your organization does not allow this sign-in from this device, place or network.',
    hint: 'Try again from a device and a network of your organization, or ask whoever administers your accounts.',
  },
  consent_required: {
    status: 403,
    message: 'Nobody has agreed yet that this site may learn who you are.',
    hint:
      'Start again and agree when you are asked. If you are not asked, send these words to whoever administers your accounts: ' +
      '“I cannot sign in to this site. Please grant its application consent for our whole organization.” Name the site and the request number below.',
  },
  email_unverified: {
    status: 403,
    message: 'Your e-mail address is not verified yet.',
    hint: 'Open the message with which the sign-in service asks you to verify it, then start again.',
  },
  interaction_required: {
    status: 400,
    message: 'The sign-in service has to ask you something first.',
    hint: 'Start again, and answer what it asks.',
  },
  sign_in_refused: {
    status: 400,
    message: 'This sign-in could not be completed.',
    hint: 'Please start again.',
  },
  invalid_client: {
    status: 502,
    message: 'The sign-in service does not accept this site’s credentials.',
    hint: ASK_OPERATOR,
  },
  redirect_uri_mismatch: {
    status: 502,
    message: 'The sign-in service does not know this site’s return address.',
    hint: ASK_OPERATOR,
  },
  invalid_scope: {
    status: 502,
    message: 'The sign-in service does not offer what this site asks for.',
    hint: ASK_OPERATOR,
  },
  clock_skew: {
    status: 502,
    message: 'The clocks of this site and of the sign-in service do not agree.',
    hint: ASK_OPERATOR,
  },
  issuer_mismatch: {
    status: 502,
    message: 'The sign-in service is not the one that this site expects.',
    hint: ASK_OPERATOR,
  },
  provider_unreachable: {
    status: 502,
    message: 'The sign-in service does not answer as it should.',
    hint: 'Try again in a minute. People who are already signed in are not affected.',
  },
} as const satisfies Readonly<Record<string, Words>>;

export type WayOn = keyof typeof WAYS_ON;
