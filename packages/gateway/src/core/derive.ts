import { hkdfSync } from 'node:crypto';

/**
 * A key for one purpose (HKDF-SHA256, RFC 5869), so that whoever learns it can open nothing else (CVE-2023-48309).
 *
 * @param secret - the gateway's, or one that was itself derived
 * @param size - bytes
 */
export function derive(secret: string, purpose: string, size = 32): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `portico v1 ${purpose}`, size));
}
