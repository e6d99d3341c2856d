import { isIP, SocketAddress } from 'node:net';

/** Whether osctld (IPAddress gem) reads `text` as an address, with or without a prefix. Zones are not for it. */
export function isAddressEntry(text: string, family: 4 | 6): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  if (isIP(address) !== family || address.includes('%') || more.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}

/** One address alone. */
export function isAddress(text: string, family: 4 | 6): boolean {
  return isAddressEntry(text, family) && !text.includes('/');
}

/** An address in its usual short form, so that two texts of one address are equal; empty for anything else. */
export function normaliseAddress(text: string): string {
  const family = isIP(text);
  if (family === 0 || text.includes('%')) return '';
  return new SocketAddress({ address: text, family: family === 4 ? 'ipv4' : 'ipv6' }).address;
}
