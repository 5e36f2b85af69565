import { BlockList, isIPv6 } from 'node:net';

/** An IPv4 address that came over an IPv6 socket (RFC 4291 section 2.5.5.2), as IPv4. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

/** Addresses and ranges of them. */
export class AddressList {
  readonly #list = new BlockList();
  readonly #empty: boolean;

  /** @param cidrs - `10.0.0.0/8`, or an address alone */
  constructor(cidrs: readonly string[]) {
    this.#empty = cidrs.length === 0;
    for (const cidr of cidrs) {
      const [address = '', prefix] = cidr.split('/');
      if (prefix === undefined) this.#list.addAddress(address, familyOf(address));
      else this.#list.addSubnet(address, Number(prefix), familyOf(address));
    }
  }

  /** On the path of every request: nothing is looked up in an empty list. */
  has(address: string): boolean {
    return !this.#empty && this.#list.check(address, familyOf(address));
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}
