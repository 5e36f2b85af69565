import type {
  BitbucketProviderSettings,
  ClientSettings,
  GithubProviderSettings,
  OAuth2ProviderSettings,
  ProviderSettings,
} from '../../../src/config/provider-settings.ts';
import { gatewayWith, ORIGIN, type TestGateway } from '../../gate/gateway.ts';
import { Browser, type Page } from '../../login/browser.ts';
import { type BitbucketStandIn, bitbucketStandIn } from './bitbucket-stand-in.ts';
import { type GithubStandIn, githubStandIn } from './github-stand-in.ts';
import { CLIENT_ID, CLIENT_SECRET } from './grants.ts';
import { Internet } from './internet.ts';
import { type LegacyStandIn, legacyStandIn } from './legacy-stand-in.ts';

export const GHE = 'https://ghe.example.com';

function client(name: string, scope: string): ClientSettings {
  return {
    name,
    title: name,
    place: name,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    scope,
    extraParams: {},
    rolesClaim: 'roles',
    groupsClaim: 'groups',
  };
}

export const githubSettings = (url = 'https://github.com', name = 'github'): GithubProviderSettings => ({
  ...client(name, 'read:user user:email read:org'),
  type: 'github',
  url,
});

export const bitbucketSettings = (): BitbucketProviderSettings => ({
  ...client('bitbucket', 'account email'),
  type: 'bitbucket',
});

export const oauth2Settings = (more: Partial<OAuth2ProviderSettings> = {}): OAuth2ProviderSettings => ({
  ...client('legacy', 'profile'),
  type: 'oauth2',
  authorizeUrl: 'https://id.example.com/authorize',
  tokenUrl: 'https://id.example.com/token',
  userUrl: 'https://api.example.com/me',
  ...more,
});

export interface Vendors {
  readonly internet: Internet;
  readonly github: GithubStandIn;
  readonly enterprise: GithubStandIn;
  readonly bitbucket: BitbucketStandIn;
  readonly legacy: LegacyStandIn;
}

/** The vendors at their public names. */
export async function vendors(): Promise<Vendors> {
  const internet = new Internet();
  const github = githubStandIn('https://github.com');
  const enterprise = githubStandIn(GHE);
  const bitbucket = bitbucketStandIn();
  const legacy = legacyStandIn();
  internet.host('https://github.com', github.web);
  internet.host('https://api.github.com', github.api);
  internet.host(GHE, enterprise.web);
  internet.host('https://bitbucket.org', bitbucket.web);
  internet.host('https://api.bitbucket.org', bitbucket.api);
  internet.host('https://id.example.com', legacy.web);
  internet.host('https://api.example.com', legacy.api);
  await internet.open();
  return { internet, github, enterprise, bitbucket, legacy };
}

export interface World extends Vendors {
  readonly gateway: TestGateway;
  /** Signs in as far as it goes; the page where it ends. */
  signIn(provider: string, browser?: Browser, until?: (next: string) => boolean): Promise<Page>;
  /** What `/.auth/session` says of this browser. */
  who(browser: Browser): Promise<Record<string, unknown> | undefined>;
  close(): Promise<void>;
}

/** The vendors, and a whole gateway in this process that trusts some of them. */
export async function world(providers: readonly ProviderSettings[]): Promise<World> {
  const all = await vendors();
  const gateway = await gatewayWith({ providers });
  all.internet.route(ORIGIN, gateway.port);
  return {
    ...all,
    gateway,
    signIn: (provider, browser = new Browser(), until) =>
      browser.go(
        `${ORIGIN}/.auth/login/${provider}?return_to=${encodeURIComponent('/.auth/session')}`,
        until,
      ),
    async who(browser) {
      const page = await browser.fetch(`${ORIGIN}/.auth/session`);
      return page.status === 200 ? (JSON.parse(page.body) as Record<string, unknown>) : undefined;
    },
    async close() {
      await gateway.stop();
      await all.internet.close();
    },
  };
}
