import { writeFileSync } from 'node:fs';
import { findOrInstall, versionOf } from '../lib/tools.ts';
import type { Peer } from './peer.ts';

/** nginx with `proxy_pass`, one worker, kept-alive connections to the app, no access log: no sign-in, the ideal. */
export const nginx: Peer = {
  name: 'nginx',
  title: 'nginx `proxy_pass`',
  install() {
    const program = findOrInstall('nginx', ['nginx-light']);
    return program && versionOf(program, ['-v']).replace('nginx version: ', '');
  },
  launch({ port, backendPort, folder }) {
    const temp = (what: string) => `${what}_temp_path ${folder}/${what};`;
    writeFileSync(
      `${folder}/nginx.conf`,
      `daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
worker_rlimit_nofile 65536;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 20000; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(temp).join('\n  ')}
  keepalive_requests 1000000000;
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  upstream app { server 127.0.0.1:${backendPort}; keepalive 128; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://app;
      proxy_http_version 1.1;
      proxy_max_temp_file_size 0;
      proxy_read_timeout 1h;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
    }
  }
}
`,
    );
    return {
      argv: [
        findOrInstall('nginx', []) ?? 'nginx',
        '-c',
        `${folder}/nginx.conf`,
        '-e',
        `${folder}/error.log`,
      ],
    };
  },
};
