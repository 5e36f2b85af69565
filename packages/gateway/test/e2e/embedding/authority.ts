import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate authority of a test, and one certificate of it for some hosts. */
export interface Authority {
  /** Files, all PEM. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** For Chromium, which then believes this certificate and no other that nobody vouches for. */
  readonly browserFlag: string;
}

/** Made by `openssl`, in an existing folder. */
export function createAuthority(folder: string, hosts: readonly string[]): Authority {
  const at = (name: string) => join(folder, name);
  const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' });
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...curve,
    '-days',
    '2',
    '-subj',
    '/CN=Authority of a test',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
  );
  openssl('req', ...curve, '-subj', `/CN=${hosts[0]}`, '-keyout', 'key.pem', '-out', 'request.pem');
  const names = [...hosts.map((host) => `DNS:${host}`), 'DNS:localhost'].join(',');
  writeFileSync(
    at('names'),
    `subjectAltName=${names}\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n`,
  );
  const from = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'];
  openssl(
    'x509',
    '-req',
    '-in',
    'request.pem',
    ...from,
    '-days',
    '2',
    '-extfile',
    'names',
    '-out',
    'cert.pem',
  );
  const spki = new X509Certificate(readFileSync(at('cert.pem'))).publicKey.export({
    type: 'spki',
    format: 'der',
  });
  const hash = createHash('sha256').update(spki).digest('base64');
  return {
    ca: at('ca.pem'),
    cert: at('cert.pem'),
    key: at('key.pem'),
    browserFlag: `--ignore-certificate-errors-spki-list=${hash}`,
  };
}
