import type { Entry } from './entry.ts';

const TOKEN =
  'https://docs.github.com/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors';
const AUTHORIZE =
  'https://docs.github.com/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-authorization-request-errors';
const SETTINGS = 'In GitHub, Settings, Developer settings, the app:';

export const GITHUB: readonly Entry[] = [
  {
    id: 'incorrect_client_credentials',
    vendor: 'GitHub',
    wayOn: 'invalid_client',
    when: { text: /incorrect_client_credentials|client_id and\/or client_secret passed are incorrect/ },
    example: {
      error: 'incorrect_client_credentials',
      text: 'The client_id and/or client_secret passed are incorrect.',
    },
    happened: 'Client ID and client secret do not belong together.',
    fix: `${SETTINGS} copy Client ID, generate a new client secret, and put both into the configuration.`,
    link: TOKEN,
  },
  {
    id: 'bad_verification_code',
    vendor: 'GitHub',
    wayOn: 'sign_in_refused',
    when: { text: /bad_verification_code|The code passed is incorrect or expired/ },
    example: { error: 'bad_verification_code', text: 'The code passed is incorrect or expired.' },
    happened: 'The code was used before, or more than ten minutes passed.',
    fix: 'Start again. Codes work once.',
    link: TOKEN,
  },
  {
    id: 'GitHub redirect_uri_mismatch',
    vendor: 'GitHub',
    wayOn: 'redirect_uri_mismatch',
    when: {
      text: /redirect_uri MUST match the registered callback URL|redirect_uri is not associated with this application/,
    },
    example: {
      error: 'redirect_uri_mismatch',
      text: 'The redirect_uri MUST match the registered callback URL for this application.',
    },
    happened: 'The redirect URI is not the registered callback URL.',
    fix: `${SETTINGS} set Authorization callback URL to what portico check prints.`,
    link: AUTHORIZE,
  },
  {
    id: 'unverified_user_email',
    vendor: 'GitHub',
    wayOn: 'email_unverified',
    when: { text: /unverified_user_email|user must have a verified primary email/ },
    example: { error: 'unverified_user_email', text: 'The user must have a verified primary email.' },
    happened: 'The account has no verified primary e-mail address.',
    fix: 'The person verifies it in GitHub, Settings, Emails.',
    link: TOKEN,
  },
  {
    id: 'application_suspended',
    vendor: 'GitHub',
    wayOn: 'invalid_client',
    when: { text: /application_suspended|Your application has been suspended/ },
    example: {
      error: 'application_suspended',
      text: 'Your application has been suspended. Contact support@github.com.',
    },
    happened: 'GitHub suspended the app.',
    fix: 'Write to the support of GitHub.',
    link: AUTHORIZE,
  },
];
