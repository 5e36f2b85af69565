import { bitbucketStandIn } from '../../identity/oauth/bitbucket-stand-in.ts';
import { githubStandIn } from '../../identity/oauth/github-stand-in.ts';
import type { Site } from '../../identity/oauth/internet.ts';
import { legacyStandIn } from '../../identity/oauth/legacy-stand-in.ts';
import { entraStandIn, PERSON, TENANT } from '../../identity/stand-ins/entra.ts';
import type { OpenIdStandIn } from '../../identity/stand-ins/openid.ts';
import {
  auth0StandIn,
  genericStandIn,
  gitlabStandIn,
  googleStandIn,
  keycloakStandIn,
  oktaStandIn,
} from '../../identity/stand-ins/vendors.ts';

export interface Vendor {
  /** Name of the provider. */
  readonly name: string;
  /** What the operator writes, beside the client's id and secret. */
  readonly keys: string;
  readonly hosts: Readonly<Record<string, Site>>;
  /** Heading of the page where the vendor asks; absent where it sends people back at once. */
  readonly asks?: string;
  /** What `/.auth/session` says afterwards. */
  readonly who: Readonly<Record<string, unknown>>;
}

/** A stand-in that shows its page, as for somebody who is not signed in there yet. */
function asking<T extends OpenIdStandIn>(standIn: T): T {
  standIn.asks = true;
  return standIn;
}

/** Every vendor with the few lines that make it work, at the addresses that its documents name. */
export function vendors(): readonly Vendor[] {
  const entra = asking(entraStandIn());
  const google = asking(googleStandIn()).site;
  const github = githubStandIn('https://github.com');
  const bitbucket = bitbucketStandIn();
  const legacy = legacyStandIn();
  return [
    {
      name: 'entra',
      keys: `type: entra, tenant: ${TENANT}`,
      hosts: { 'login.microsoftonline.com': entra.site, 'graph.microsoft.com': entra.graph },
      asks: 'Microsoft',
      who: { user: PERSON, roles: ['Reports.Read'], email: null },
    },
    {
      name: 'auth0',
      keys: 'type: auth0, domain: acme.eu.auth0.com, namespace: "https://apps.example.com/"',
      hosts: { 'acme.eu.auth0.com': asking(auth0StandIn()).site },
      asks: 'Auth0',
      who: { email: 'jane@example.com', roles: ['analyst'] },
    },
    {
      name: 'okta',
      keys: 'type: okta, domain: acme.okta.com',
      hosts: { 'acme.okta.com': asking(oktaStandIn()).site },
      asks: 'Okta',
      who: { email: 'john.doe@example.com', groups: ['Everyone', 'Finance'] },
    },
    {
      name: 'google',
      keys: 'type: google, hosted_domain: example.com',
      hosts: {
        'accounts.google.com': google,
        'oauth2.googleapis.com': google,
        'www.googleapis.com': google,
        'openidconnect.googleapis.com': google,
      },
      asks: 'Google',
      who: { email: 'jsmith@example.com', name: 'J. Smith' },
    },
    {
      name: 'keycloak',
      keys: 'type: keycloak, url: "https://sso.example.com", realm: company',
      hosts: { 'sso.example.com': asking(keycloakStandIn()).site },
      asks: 'Keycloak',
      who: { roles: ['offline_access', 'analyst', 'editor'], groups: ['finance', 'finance/eu'] },
    },
    {
      name: 'gitlab',
      keys: 'type: gitlab',
      hosts: { 'gitlab.com': asking(gitlabStandIn()).site },
      asks: 'GitLab',
      who: { user: '1', groups: ['acme', 'acme/data'] },
    },
    {
      name: 'company',
      keys: 'type: generic, issuer: "https://id.example.com"',
      hosts: { 'id.example.com': asking(genericStandIn()).site },
      asks: 'Example ID',
      who: { user: 'u-1', email: 'grace@example.com' },
    },
    {
      name: 'github',
      keys: 'type: github',
      hosts: { 'github.com': github.web, 'api.github.com': github.api },
      who: { user: '1', email: 'octocat@github.com', groups: ['github', 'github/justice-league'] },
    },
    {
      name: 'enterprise',
      keys: 'type: github, url: "https://ghe.example.com"',
      hosts: { 'ghe.example.com': githubStandIn('https://ghe.example.com').web },
      who: { user: '1', email: 'octocat@github.com', groups: ['github', 'github/justice-league'] },
    },
    {
      name: 'legacy',
      keys: 'type: auth_code, authorize_url: "https://legacy.example.com/authorize", token_url: "https://legacy.example.com/token", user_url: "https://api.legacy.example.com/me"',
      hosts: { 'legacy.example.com': legacy.web, 'api.legacy.example.com': legacy.api },
      who: { user: '4711', name: 'Ann Analyst', email: null, groups: ['finance'] },
    },
    {
      name: 'bitbucket',
      keys: 'type: bitbucket',
      hosts: { 'bitbucket.org': bitbucket.web, 'api.bitbucket.org': bitbucket.api },
      who: { email: 'emma@example.com', groups: ['bbworkspace1'] },
    },
  ];
}
