import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { client } from '../lib/client.ts';
import { results, root } from '../lib/tools.ts';
import type { Peer } from './peer.ts';

const program = `${root}/packages/gateway/bin/portico.js`;

export const secret = '0123456789abcdef0123456789abcdef0123456789abcdef';

export const databaseIn = (folder: string): string => `${folder}/portico.db`;

/** Portico as it comes: SQLite, a signed assertion and the identity headers for the app; only its access log is off. */
export const portico: Peer = {
  name: 'portico',
  title: '**Portico, live session**',
  session: {
    redirectUri: (port) => `http://127.0.0.1:${port}/.auth/login/bench/callback`,
    tellsApp: ['portico-assertion', 'x-forwarded-user', 'x-forwarded-email'],
  },
  install() {
    if (!existsSync(program)) return undefined;
    console.log('  building Portico');
    execFileSync(
      process.execPath,
      [`${root}/node_modules/typescript/bin/tsc`, '-p', 'packages/gateway/tsconfig.build.json'],
      {
        cwd: root,
        stdio: 'inherit',
      },
    );
    const { version } = JSON.parse(readFileSync(`${root}/packages/gateway/package.json`, 'utf8')) as {
      version: string;
    };
    return `${version} (Node ${process.version})`;
  },
  launch({ port, backendPort, issuer, folder }) {
    writeFileSync(
      `${folder}/portico.yaml`,
      `public_url: http://127.0.0.1:${port}
address: 127.0.0.1
port: ${port}
secret: ${secret}
store: sqlite:${databaseIn(folder)}
drain: 1
log: { level: warn, format: json }
providers:
  bench: { type: oidc, issuer: '${issuer}', client_id: ${client.id}, client_secret: ${client.secret} }
apps:
  app: { at: /, upstream: 'http://127.0.0.1:${backendPort}', allow: [everyone] }
`,
    );
    return { argv: [process.execPath, program, 'serve', '--config', `${folder}/portico.yaml`], cwd: folder };
  },
};

/** The same with a CPU profile, written to the results folder when it stops. */
export const profiledPortico: Peer = {
  ...portico,
  launch(place) {
    const { argv, ...rest } = portico.launch(place);
    return {
      ...rest,
      argv: [argv[0] as string, '--cpu-prof', `--cpu-prof-dir=${results}`, ...argv.slice(1)],
    };
  },
};
