import { cpSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDirectory, type Found, tool } from './cache.ts';
import { type Server, startServer } from './server.ts';

/** Main branch of 6 August 2026; releases of Dex are no versions that Go can install (their module path lacks `/v2`). */
const VERSION = 'v0.0.0-20260806151424-ab64ed778070';
const MODULE = 'github.com/dexidp/dex';

/**
 * Dex's own management interface (gRPC) needs a module that is replaced by a directory, which is why `go install` refuses
 * it. The interface is off in the tests, so something empty takes its place; all that signs people in stays as it is.
 */
const MANAGEMENT = `package apiserver

import (
	"log/slog"

	"${MODULE}/api/v2"
	"${MODULE}/server/backchannel"
	"${MODULE}/server/connectors"
	"${MODULE}/server/discovery"
	"${MODULE}/storage"
)

func NewAPI(storage.Storage, *slog.Logger, string, *connectors.Cache, *discovery.Handler, *backchannel.Notifier) api.DexServer {
	return api.UnimplementedDexServer{}
}
`;

/** Dex, built once (two to three minutes on two cores) and kept in the cache. */
export async function findDex(): Promise<Found> {
  const binary = join(cacheDirectory(), `dex-${VERSION}-${process.platform}-${process.arch}`);
  if (existsSync(binary)) return { path: binary };
  if (process.env['PORTICO_TEST_PEERS'] === '0') return { missing: 'PORTICO_TEST_PEERS=0' };
  const work = mkdtempSync(join(tmpdir(), 'portico-dex-'));
  try {
    const told = await tool('go', ['mod', 'download', '-json', `${MODULE}@${VERSION}`], {
      cwd: work,
      minutes: 2,
    });
    const source = join(work, 'dex');
    cpSync((JSON.parse(told) as { Dir: string }).Dir, source, { recursive: true });
    await tool('chmod', ['-R', 'u+w', source], { cwd: work });
    const management = join(source, 'server', 'apiserver');
    for (const file of readdirSync(management)) rmSync(join(management, file));
    writeFileSync(join(management, 'api.go'), MANAGEMENT);
    await tool('go', ['mod', 'edit', '-dropreplace', `${MODULE}/api/v2`], { cwd: source });
    const build = [
      'build',
      '-mod=mod',
      '-trimpath',
      '-ldflags=-s -w',
      '-o',
      join(work, 'built'),
      './cmd/dex',
    ];
    await tool('go', build, { cwd: source, minutes: 4, env: { CGO_ENABLED: '0' } });
    cpSync(join(work, 'built'), `${binary}.${process.pid}`);
    renameSync(`${binary}.${process.pid}`, binary);
    return { path: binary };
  } catch (error) {
    return { missing: `Dex could not be built with Go: ${error instanceof Error ? error.message : error}` };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

export const DEX_SECRET = 'canary-client-secret-of-dex';
export const DEX_PERSON = {
  email: 'ann@example.com',
  password: 'password',
  groups: ['finance', 'finance/eu'],
};

/** @param gateway - where the gateway is, `http://localhost:PORT` */
export async function startDex(binary: string, port: number, gateway: string): Promise<Server> {
  const directory = mkdtempSync(join(tmpdir(), 'portico-dex-'));
  const issuer = `http://127.0.0.1:${port}/dex`;
  // Dex's configuration is YAML, of which JSON is a part: https://dexidp.io/docs/configuration/
  const configuration = {
    issuer,
    storage: { type: 'memory' },
    web: { http: `127.0.0.1:${port}` },
    oauth2: { skipApprovalScreen: true },
    expiry: { idTokens: '10s' },
    sessions: { absoluteLifetime: '1h' },
    staticClients: [
      {
        id: 'portico',
        secret: DEX_SECRET,
        name: 'Portico',
        redirectURIs: [`${gateway}/.auth/login/dex/callback`],
        postLogoutRedirectURIs: [`${gateway}/.auth/signed-out`],
        backchannelLogoutURI: `${gateway}/.auth/logout/dex/backchannel`,
      },
    ],
    enablePasswordDB: true,
    staticPasswords: [
      {
        email: DEX_PERSON.email,
        // bcrypt of "password", from Dex's own examples.
        hash: '$2a$10$2b2cU8CPhOTaGrs1HRQuAueS7JTT5ZHsHSzYiFPm1leZck7Mc8T4W',
        username: 'ann',
        name: 'Ann Analyst',
        emailVerified: true,
        groups: DEX_PERSON.groups,
        userID: '08a8684b-db88-4b73-90a9-3cd1661f5466',
      },
    ],
  };
  writeFileSync(join(directory, 'dex.json'), JSON.stringify(configuration));
  const server = await startServer(binary, ['serve', 'dex.json'], {
    ready: `${issuer}/.well-known/openid-configuration`,
    cwd: directory,
    env: { DEX_SESSIONS_ENABLED: 'true' },
    patience: 30,
  });
  return {
    lines: server.lines,
    async stop() {
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
