import { isIPv4 } from 'node:net';

/**
 * Whether a host name or address never leaves this machine (RFC 6761 section 6.3, RFC 1122 section 3.2.1.3).
 *
 * @param host - an IPv6 address with or without the brackets of a URL
 */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  if (isIPv4(name)) return name.startsWith('127.');
  return name === 'localhost' || name.endsWith('.localhost') || name === '::1' || name === '[::1]';
}
