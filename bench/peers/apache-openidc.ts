import { existsSync, writeFileSync } from 'node:fs';
import { client } from '../lib/client.ts';
import { aptInstall, findOrInstall, versionOf } from '../lib/tools.ts';
import type { Peer } from './peer.ts';

const modules = '/usr/lib/apache2/modules';
const THREADS = 64;

/** Apache (event) with mod_auth_openidc as it comes: the session in shared memory, claims as headers; no access log. */
export const apacheOpenidc: Peer = {
  name: 'apache-openidc',
  title: 'Apache with mod_auth_openidc, live session',
  session: {
    redirectUri: (port) => `http://127.0.0.1:${port}/.oidc/callback`,
    tellsApp: ['oidc_claim_sub', 'oidc_claim_email'],
  },
  install() {
    const program = findOrInstall('apache2', ['apache2', 'libapache2-mod-auth-openidc']);
    if (!existsSync(`${modules}/mod_auth_openidc.so`)) aptInstall(['libapache2-mod-auth-openidc']);
    if (program === undefined || !existsSync(`${modules}/mod_auth_openidc.so`)) return undefined;
    return versionOf(program, ['-v']).replace('Server version: ', '');
  },
  launch({ port, backendPort, issuer, folder, sockets }) {
    // It gives every open WebSocket a thread, so the memory measure needs a process for each 64 of them.
    const processes = Math.ceil((sockets + THREADS) / THREADS);
    const load = [
      'mpm_event',
      'authn_core',
      'authz_core',
      'authz_user',
      'proxy',
      'proxy_http',
      'auth_openidc',
    ]
      .map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`)
      .join('\n');
    writeFileSync(
      `${folder}/apache.conf`,
      `${load}
ServerRoot ${folder}
ServerName 127.0.0.1
DefaultRuntimeDir ${folder}
PidFile ${folder}/apache.pid
ErrorLog ${folder}/error.log
LogLevel error
Listen 127.0.0.1:${port}
${process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : ''}
StartServers ${processes}
ServerLimit ${processes}
ThreadLimit ${THREADS}
ThreadsPerChild ${THREADS}
MaxRequestWorkers ${processes * THREADS}
MinSpareThreads 1
MaxSpareThreads ${processes * THREADS}
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 60
ProxyTimeout 3600
OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration
OIDCClientID ${client.id}
OIDCClientSecret ${client.secret}
OIDCRedirectURI http://127.0.0.1:${port}/.oidc/callback
OIDCCryptoPassphrase bench-passphrase-that-protects-nothing
OIDCScope "openid email profile"
OIDCPKCEMethod S256
OIDCRemoteUserClaim email
OIDCSessionInactivityTimeout 36000
<Location />
  AuthType openid-connect
  Require valid-user
</Location>
ProxyPreserveHost On
ProxyPass / http://127.0.0.1:${backendPort}/ keepalive=On upgrade=websocket
`,
    );
    return {
      argv: [findOrInstall('apache2', []) ?? 'apache2', '-DFOREGROUND', '-f', `${folder}/apache.conf`],
    };
  },
};
