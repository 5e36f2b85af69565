import { writeFileSync } from 'node:fs';
import { findOrInstall, versionOf } from '../lib/tools.ts';
import type { Peer } from './peer.ts';

/** Caddy with `reverse_proxy` on one core: no sign-in. */
export const caddy: Peer = {
  name: 'caddy',
  title: 'Caddy `reverse_proxy`',
  install() {
    const program = findOrInstall('caddy', ['caddy']);
    return program && versionOf(program, ['version']);
  },
  launch({ port, backendPort, folder }) {
    writeFileSync(
      `${folder}/Caddyfile`,
      `{
  admin off
  auto_https off
}
http://127.0.0.1:${port} {
  bind 127.0.0.1
  reverse_proxy 127.0.0.1:${backendPort} {
    transport http {
      keepalive_idle_conns_per_host 128
    }
  }
}
`,
    );
    return {
      argv: ['caddy', 'run', '--config', `${folder}/Caddyfile`, '--adapter', 'caddyfile'],
      env: { GOMAXPROCS: '1', XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, HOME: folder },
    };
  },
};
