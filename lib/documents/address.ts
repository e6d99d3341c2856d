import { isIP } from 'node:net';

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
