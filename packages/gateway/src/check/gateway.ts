import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { isSecretExposed, weaknessOf } from '../config/secret.ts';
import type { Settings } from '../config/settings.ts';
import { isLoopback } from '../core/loopback.ts';
import type { Clock } from '../core/types.ts';
import { type Finding, note, ok, problem, type Section } from './finding.ts';
import { isPortFree } from './reach.ts';
import { storeFindings } from './store.ts';

const DAY_MS = 24 * 3_600_000;
const RENEW_DAYS = 21;

/** What can be said of the gateway itself, without asking anybody. */
export async function checkGateway(
  settings: Settings,
  origins: readonly string[],
  clock: Clock,
): Promise<Section> {
  return {
    title: `Gateway ${settings.publicUrl}`,
    findings: [
      ...transport(settings, origins, clock),
      ...secrets(settings),
      ...storeFindings(settings.store),
      ...(await listening(settings)),
      ...(settings.dev === undefined
        ? []
        : [note('dev', 'The development provider lets anybody be anybody: for this machine only.')]),
    ],
  };
}

function transport(settings: Settings, origins: readonly string[], clock: Clock): Finding[] {
  const { protocol, hostname } = new URL(settings.publicUrl);
  if (protocol === 'http:')
    return [
      isLoopback(hostname)
        ? ok('transport', 'Plain http, which is in order on this machine alone.')
        : problem(
            'public_url_insecure',
            'public_url is plain http: whoever is on the way can read the session cookie.',
            'Write public_url with https, and give tls a certificate or put a proxy with one in front.',
          ),
    ];
  const hsts = note(
    'hsts',
    'Portico sends no Strict-Transport-Security.',
    'Send it from what answers https in front, once every site of the host is https.',
  );
  return settings.tls === undefined
    ? [...behindProxy(settings), hsts]
    : [...certificate(settings.tls.cert, origins, clock), hsts];
}

/** TLS ends in front of the gateway. */
function behindProxy({ address, publicUrl, trustedProxies, port }: Settings): Finding[] {
  return [
    ok('transport', `Something in front answers https for ${publicUrl}; it must pass Host on as it is.`),
    ...(trustedProxies.length > 0
      ? []
      : [
          note(
            'trusted_proxies_empty',
            'In the log, and where passwords are throttled, everybody has the address of the proxy.',
            'List the addresses of the proxy under trusted_proxies.',
          ),
        ]),
    ...(isLoopback(address)
      ? []
      : [
          note(
            'listens_everywhere',
            `The gateway listens on ${address}:${port} in plain http, where the proxy can be passed by.`,
            'Let it listen on 127.0.0.1, or let a firewall leave that port to the proxy.',
          ),
        ]),
  ];
}

function certificate(pem: string, origins: readonly string[], clock: Clock): Finding[] {
  const cert = new X509Certificate(pem);
  const days = Math.floor((Date.parse(cert.validTo) - clock()) / DAY_MS);
  const missing = origins
    .map((origin) => new URL(origin).hostname.replace(/^\[|\]$/g, ''))
    .filter((host) => (isIP(host) === 0 ? cert.checkHost(host) : cert.checkIP(host)) === undefined);
  return [
    missing.length === 0
      ? ok('certificate', 'The certificate covers every host.')
      : problem(
          'certificate_name',
          `The certificate does not cover ${missing.join(', ')}.`,
          'Have it issued for these names as well (subjectAltName).',
        ),
    ...(days < RENEW_DAYS
      ? [note('certificate_ends', `The certificate ends in ${days} days.`, 'Renew it, then restart.')]
      : []),
  ];
}

function secrets({ secrets: all, stateDir }: Settings): Finding[] {
  const [weakness] = all.map(weaknessOf).filter((found) => found !== undefined);
  return [
    weakness === undefined
      ? ok('secret', 'The secret is long enough.')
      : problem('secret_weak', `A secret ${weakness}.`, 'Make one with portico secret.'),
    ...(exposed(stateDir)
      ? [
          problem(
            'secret_exposed',
            'Others on this machine can read the generated secret.',
            `chmod 600 ${stateDir}/secret`,
          ),
        ]
      : []),
  ];
}

/** No file is no exposure. */
function exposed(stateDir: string): boolean {
  try {
    return isSecretExposed(stateDir);
  } catch {
    return false;
  }
}

async function listening({ address, port }: Settings): Promise<Finding[]> {
  return (await isPortFree(address, port))
    ? [ok('port', `${address}:${port} is free.`)]
    : [
        note(
          'port_in_use',
          `${address}:${port} cannot be listened on now.`,
          'That is in order when this gateway runs already; else choose another with --port.',
        ),
      ];
}
