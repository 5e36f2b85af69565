import { randomBytes } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import { AssertionKeys } from '../../src/assertion/keys.ts';
import { mintAssertion } from '../../src/assertion/mint.ts';
import type { ApiSettings, OidcProviderSettings } from '../../src/config/settings.ts';
import type { Identity, SessionEnd, TokenSet } from '../../src/core/types.ts';
import type { LiveSession } from '../../src/session/live.ts';
import { Sealer } from '../../src/session/seal.ts';
import { Sessions } from '../../src/session/sessions.ts';
import type { SessionStore } from '../../src/session/store.ts';
import type { TestApp } from '../gate/apps.ts';
import { httpApp } from '../gate/apps.ts';
import { type Answer, ask } from '../gate/client.ts';
import { COOKIE, gatewayWith, ORIGIN, SECRET, type TestGateway } from '../gate/gateway.ts';
import { type ResourceProvider, startResourceProvider } from '../identity/api-tokens/resource-provider.ts';
import { SECRET as CLIENT_SECRET } from '../identity/strict-provider.ts';
import { sqliteStore, temporaryFile } from '../session/fixtures.ts';

const HOUR = 3_600_000;
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const JWT = 'urn:ietf:params:oauth:token-type:jwt';
export const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

/** Credentials of the two apps, as an operator gave them. */
export const CREDENTIALS = {
  sales: 'canary-credential-of-sales-0123456789',
  people: 'canary+credential/of%people=0123456789',
};
type AppName = keyof typeof CREDENTIALS;

const APIS: readonly ApiSettings[] = [
  {
    name: 'orders',
    url: 'http://127.0.0.1:1',
    provider: 'corp',
    scopes: ['orders:read', 'orders:write'],
    resource: 'https://sales.example.com',
    grant: 'refresh',
    apps: ['sales'],
  },
  {
    name: 'staff',
    url: 'http://127.0.0.1:1',
    provider: 'corp',
    scopes: ['people:read'],
    resource: 'https://hr.example.com/v2',
    grant: 'refresh',
    apps: ['sales', 'people'],
  },
  {
    name: 'elsewhere',
    url: 'http://127.0.0.1:1',
    provider: 'other',
    scopes: [],
    grant: 'session',
    apps: ['sales'],
  },
];

/** A person at the door, as they came back from the provider. */
export interface Guest {
  readonly cookie: string;
  readonly live: LiveSession;
}

export interface World {
  readonly provider: ResourceProvider;
  readonly store: SessionStore;
  readonly app: TestApp;
  gateway: TestGateway;
  /** Signs somebody in with the tokens of a real sign-in. */
  signIn(identity?: Partial<Identity>): Promise<Guest>;
  /** What the app `name` is told when this person opens it. */
  assertion(name: AppName, guest: Guest): Promise<string>;
  /** The same as it was made some milliseconds ago, or for other claims. */
  mint(
    name: string,
    guest: Guest,
    more?: { age?: number; issuer?: string; store?: SessionStore },
  ): Promise<string>;
  /** Signs claims with the gateway's own key, as no code of it does. */
  sign(claims: JWTPayload, typ: string | undefined): Promise<string>;
  /** Another process in the place of this one. */
  restart(): Promise<void>;
  /** What the operator changes: the session as another process would write it. */
  change(guest: Guest, identity: Partial<Identity>): Promise<void>;
  /** Ends the session, in another process. */
  end(guest: Guest, reason: SessionEnd): Promise<void>;
}

/** A whole gateway with two apps in front of a real provider, and its store. */
export async function startWorld(): Promise<World> {
  const provider = await startResourceProvider();
  const path = temporaryFile();
  // The gateway's has a connection of its own, and notices what is written here.
  const store = sqliteStore(path);
  const app = await httpApp((request, response) => {
    response.end(String(request.headers['portico-assertion']));
  });
  const corp: OidcProviderSettings = {
    name: 'corp',
    type: 'oidc',
    title: 'Corp',
    place: provider.issuer,
    issuer: provider.issuer,
    clientId: 'portico',
    clientSecret: CLIENT_SECRET,
    scope: 'openid profile offline_access',
    extraParams: {},
    rolesClaim: 'roles',
    groupsClaim: 'groups',
  };
  const start = (): Promise<TestGateway> =>
    gatewayWith({
      providers: [corp],
      apis: APIS,
      session: { absolute: HOUR, idle: HOUR, refresh: false },
      apps: (['sales', 'people'] as const).map((name) => ({
        name,
        at: `/${name}`,
        upstream: app.upstream,
        credential: CREDENTIALS[name],
        allow: [{ kind: 'role', value: 'analyst' }],
        rules: [{ path: '/open/**', access: { public: true } }],
      })),
      options: { store: sqliteStore(path) },
    });
  const sealer = new Sealer([SECRET]);
  const elsewhere = () =>
    new Sessions({
      store,
      sealer,
      clock: Date.now,
      random: randomBytes,
      limits: { absolute: HOUR, idle: HOUR },
      maxInMemory: 10,
    });
  const found = async (guest: Guest): Promise<{ sessions: Sessions; live: LiveSession }> => {
    const sessions = elsewhere();
    const live = await sessions.bySid(guest.live.session.sid);
    if (live === undefined) throw new Error('no such session');
    return { sessions, live };
  };
  const world: World = {
    provider,
    store,
    app,
    gateway: await start(),
    async signIn(identity = {}) {
      const { session } = await provider.signIn();
      const signedIn = {
        identity: { ...session.identity, roles: ['analyst'], ...identity },
        tokens: session.tokens satisfies TokenSet,
      };
      const { cookieId, live } = await elsewhere().create(signedIn);
      return { cookie: `${COOKIE}=${cookieId}`, live };
    },
    async assertion(name, { cookie }) {
      const { status, text } = await ask(world.gateway, `/${name}/open/x`, { cookie });
      if (status !== 200) throw new Error(`the app answers ${status}`);
      return text;
    },
    async mint(name, { live }, { age = 0, issuer = ORIGIN, store: keyStore = store } = {}) {
      const keys = await AssertionKeys.open(keyStore, sealer, Date.now);
      const { identity, sid } = live.session;
      const key = await keys.signingKey();
      return mintAssertion({ identity, sid, audience: name, issuer, now: Date.now() - age, key });
    },
    async sign(claims, typ) {
      const { kid, privateKey } = await (await AssertionKeys.open(store, sealer, Date.now)).signingKey();
      const header = { alg: 'ES256', kid, ...(typ === undefined ? {} : { typ }) };
      return new SignJWT(claims).setProtectedHeader(header).sign(privateKey);
    },
    async restart() {
      await world.gateway.stop();
      world.gateway = await start();
    },
    async change(guest, identity) {
      const { sessions, live } = await found(guest);
      await sessions.change(live, { identity: { ...live.session.identity, ...identity } });
    },
    async end(guest, reason) {
      const { sessions, live } = await found(guest);
      await sessions.end(live, reason);
    },
  };
  return world;
}

/** HTTP Basic, plain as most clients send it. */
export function basic(name: AppName, secret = CREDENTIALS[name]): string {
  return `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`;
}

/** `POST /.auth/token` of an app; `undefined` takes a parameter or header away. */
export function exchange(
  place: { readonly port: number },
  form: Readonly<Record<string, string | undefined>>,
  headers: Readonly<Record<string, string | undefined>> = {},
): Promise<Answer> {
  const whole = { grant_type: EXCHANGE, subject_token_type: JWT, ...form };
  const all = {
    authorization: basic('sales'),
    'content-type': 'application/x-www-form-urlencoded',
    ...headers,
  };
  return ask(place, '/.auth/token', {
    method: 'POST',
    headers: given(all),
    body: new URLSearchParams(given(whole)).toString(),
  });
}

function given(all: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => !!entry[1]));
}
