import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { isLoopback } from '../core/loopback.ts';
import { type Context, readFileAt } from './context.ts';
import { readHost } from './readers.ts';
import { tlsSchema } from './schema.ts';
import { readShape } from './shape.ts';

/** Where the gateway listens and what people call it. */
export interface Listening {
  readonly publicUrl: string;
  readonly address: string;
  readonly port: number;
  readonly tls?: { readonly cert: string; readonly key: string };
}

interface Given {
  readonly public_url?: string | undefined;
  readonly address?: string | undefined;
  readonly port?: number | undefined;
}

/**
 * Address, port, public URL and certificate.
 *
 * @param now - milliseconds since the epoch; a certificate that has ended is a problem
 */
export function readListening(context: Context, given: Given, now: number): Listening {
  const { raw, problems } = context;
  const address = given.address ?? '127.0.0.1';
  const port = given.port ?? 8000;
  if (isIP(address) === 0 && typeof readHost(address) !== 'string')
    problems.add(['address'], 'is not an address', 'Write 127.0.0.1, 0.0.0.0, ::1 or a host name.');
  const hasTls = raw['tls'] !== undefined;
  const tls = hasTls ? readTls(context, now) : undefined;
  if (given.public_url === undefined && raw['public_url'] === undefined && !isLoopback(address))
    problems.add(
      ['public_url'],
      `is missing, and ${address} is not this machine alone`,
      'Write the address that people type, for example https://apps.example.com.',
    );
  const publicUrl = given.public_url ?? `${hasTls ? 'https' : 'http'}://localhost:${port}`;
  if (hasTls && publicUrl.startsWith('http:'))
    problems.add(['public_url'], 'is http, but tls makes the gateway answer https', 'Write it with https.');
  return { publicUrl, address, port, ...(tls === undefined ? {} : { tls }) };
}

/** The development provider asks for no password, so nobody else may reach it. */
export function checkDev(context: Context, listening: Listening): void {
  const { problems } = context;
  const fix =
    'Configure an identity provider instead (--oauth-issuer, --oauth-key), or stay on this machine.';
  if (!isLoopback(listening.address))
    problems.add(['dev'], `lets anybody in without a password, so not on address ${listening.address}`, fix);
  if (!isLoopback(new URL(listening.publicUrl).hostname))
    problems.add(['dev'], `lets anybody in without a password, so not at ${listening.publicUrl}`, fix);
}

function readTls(context: Context, now: number): Listening['tls'] {
  const { problems } = context;
  const files = readShape(tlsSchema, context.raw['tls'], ['tls'], problems);
  const cert = files.cert === undefined ? undefined : readFileAt(context, ['tls', 'cert'], files.cert);
  const key = files.key === undefined ? undefined : readFileAt(context, ['tls', 'key'], files.key);
  const certificate = cert === undefined ? undefined : attempt(() => new X509Certificate(cert));
  const privateKey = key === undefined ? undefined : attempt(() => createPrivateKey(key));
  if (cert !== undefined && certificate === undefined)
    problems.add(
      ['tls', 'cert'],
      'is not a certificate',
      'Give a PEM file that begins with BEGIN CERTIFICATE.',
    );
  if (key !== undefined && privateKey === undefined)
    problems.add(['tls', 'key'], 'is not an unencrypted private key', 'Give a PEM file with a PRIVATE KEY.');
  if (certificate === undefined || privateKey === undefined || cert === undefined || key === undefined)
    return undefined;
  if (!certificate.checkPrivateKey(privateKey))
    problems.add(
      ['tls', 'key'],
      'does not belong to the certificate',
      'Give the key that the certificate was made for.',
    );
  if (Date.parse(certificate.validTo) < now)
    problems.add(['tls', 'cert'], `ended on ${certificate.validTo}`, 'Renew the certificate.');
  return { cert, key };
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
