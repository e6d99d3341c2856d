import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

export interface IpAddress {
  readonly family: 4 | 6;
  /** In its usual short form: `2001:DB8:0::10` is `2001:db8::10`. */
  readonly text: string;
  readonly range: string;
}

/** Reads one IP address without prefix. Undefined for anything else: names, zones (`fe80::1%eth0`), `010.1.1.1`, `8.8`. */
export function readAddress(text: string): IpAddress | undefined {
  const family = isIP(text);
  if ((family !== 4 && family !== 6) || text.includes('%')) return undefined;
  const address = ipaddr.parse(text);
  return { family, text: address.toString(), range: address.range() };
}

/** Ranges none of whose addresses an interface has. */
export const NO_HOST: ReadonlySet<string> = new Set(['unspecified', 'multicast', 'loopback', 'broadcast']);
