import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { cacheDirectory, type Found, tool } from './cache.ts';
import { type Server, startServer } from './server.ts';

const VERSION = '26.3.5';
const ARTIFACT = `org.keycloak:keycloak-quarkus-dist:${VERSION}:zip`;

/**
 * Keycloak from Maven Central (147 MB), kept in the cache. It takes half a minute and half a gigabyte of memory to start,
 * therefore it runs where `PORTICO_TEST_PEERS=1` asks for it.
 */
export async function findKeycloak(): Promise<Found> {
  if (process.env['PORTICO_TEST_PEERS'] !== '1')
    return { missing: 'it is large; PORTICO_TEST_PEERS=1 runs it (Java 17, Maven, unzip)' };
  const home = join(cacheDirectory(), `keycloak-${VERSION}`);
  if (existsSync(home)) return { path: home };
  const work = mkdtempSync(join(cacheDirectory(), 'keycloak-new-'));
  try {
    await tool('java', ['-version'], { cwd: work });
    await tool('mvn', ['-q', 'dependency:get', `-Dartifact=${ARTIFACT}`, '-Dtransitive=false'], {
      cwd: work,
      minutes: 10,
    });
    const name = `keycloak-quarkus-dist-${VERSION}.zip`;
    const zip = join(
      homedir(),
      '.m2',
      'repository',
      'org',
      'keycloak',
      'keycloak-quarkus-dist',
      VERSION,
      name,
    );
    await tool('unzip', ['-q', zip], { cwd: work });
    renameSync(join(work, `keycloak-${VERSION}`), home);
    return { path: home };
  } catch (error) {
    return { missing: `Keycloak could not be had: ${error instanceof Error ? error.message : error}` };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

export const KEYCLOAK_SECRET = 'canary-client-secret-of-keycloak';
export const KEYCLOAK_PERSON = { username: 'ann', email: 'ann@example.com', password: 'correct horse' };
const REALM = 'portico';
const ADMIN = { username: 'admin', password: 'only for these tests' };

/** Client ID of an API in the realm, and the role of it that the person has. */
export const KEYCLOAK_API = 'orders-api';

export interface Keycloak extends Server {
  readonly url: string;
  readonly realm: string;
  /** Ends the person's sessions there, as an administrator does. */
  signOutEverywhere(): Promise<void>;
}

/** @param gateway - where the gateway is, `http://localhost:PORT` */
export async function startKeycloak(home: string, port: number, gateway: string): Promise<Keycloak> {
  const url = `http://localhost:${port}`;
  const start = ['start-dev', '--db=dev-mem', '--http-host=127.0.0.1', `--http-port=${port}`];
  const server = await startServer(join(home, 'bin', 'kc.sh'), start, {
    ready: `${url}/realms/master`,
    cwd: home,
    env: {
      KC_BOOTSTRAP_ADMIN_USERNAME: ADMIN.username,
      KC_BOOTSTRAP_ADMIN_PASSWORD: ADMIN.password,
      JAVA_OPTS_KC_HEAP: '-Xms64m -Xmx512m',
    },
    patience: 180,
  });
  /** https://www.keycloak.org/docs-api/latest/rest-api/index.html */
  async function admin(path: string, request: RequestInit = {}): Promise<Response> {
    const form = new URLSearchParams({ client_id: 'admin-cli', grant_type: 'password', ...ADMIN });
    const answer = await fetch(`${url}/realms/master/protocol/openid-connect/token`, {
      method: 'POST',
      body: form,
    });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const response = await fetch(`${url}/admin/realms${path}`, {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...request,
    });
    if (!response.ok) throw new Error(`Keycloak: ${path}: ${response.status} ${await response.text()}`);
    return response;
  }
  await admin('', { method: 'POST', body: JSON.stringify(realm(gateway)) });
  return {
    lines: server.lines,
    stop: () => server.stop(),
    url,
    realm: REALM,
    async signOutEverywhere() {
      const people = await admin(`/${REALM}/users?username=${KEYCLOAK_PERSON.username}&exact=true`);
      const [person] = (await people.json()) as { id: string }[];
      const sessions = await admin(`/${REALM}/users/${person?.id}/sessions`);
      // One by one: Keycloak 26.3 tells clients of only one of several when a person is signed out as a whole.
      for (const { id } of (await sessions.json()) as { id: string }[])
        await admin(`/${REALM}/sessions/${id}`, { method: 'DELETE' });
    },
  };
}

/** As docs/providers/keycloak.md has it made by hand. */
function realm(gateway: string): object {
  const { username, email, password } = KEYCLOAK_PERSON;
  return {
    realm: REALM,
    enabled: true,
    sslRequired: 'none',
    accessTokenLifespan: 10,
    roles: {
      realm: [{ name: 'analyst' }, { name: 'unused' }],
      client: { portico: [{ name: 'editor' }], [KEYCLOAK_API]: [{ name: 'buyer' }] },
    },
    groups: [{ name: 'finance', subGroups: [{ name: 'eu' }] }],
    users: [
      {
        username,
        email,
        firstName: 'Ann',
        lastName: 'Analyst',
        enabled: true,
        emailVerified: true,
        credentials: [{ type: 'password', value: password }],
        realmRoles: ['analyst'],
        clientRoles: { portico: ['editor'], [KEYCLOAK_API]: ['buyer'] },
        groups: ['/finance/eu'],
      },
    ],
    clients: [
      // An API: nobody signs in with it. Its audience comes with the person's role in it.
      { clientId: KEYCLOAK_API, bearerOnly: false, standardFlowEnabled: false, secret: 'of-no-use' },
      {
        clientId: 'portico',
        secret: KEYCLOAK_SECRET,
        redirectUris: [`${gateway}/.auth/login/keycloak/callback`],
        attributes: {
          'post.logout.redirect.uris': `${gateway}/.auth/signed-out`,
          'backchannel.logout.url': `${gateway}/.auth/logout/keycloak/backchannel`,
          'backchannel.logout.session.required': 'true',
          'pkce.code.challenge.method': 'S256',
          'standard.token.exchange.enabled': 'true',
        },
        protocolMappers: [
          {
            name: 'groups',
            protocol: 'openid-connect',
            protocolMapper: 'oidc-group-membership-mapper',
            config: { 'claim.name': 'groups', 'full.path': 'true', 'id.token.claim': 'true' },
          },
        ],
      },
    ],
  };
}
