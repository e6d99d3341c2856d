import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import type { Address } from '../../documents/values.ts';
import type { ParsedValue } from '../value.ts';
import { invalid, valid } from '../value.ts';
import { splitTokens, takeTokens } from './list.ts';

/**
 * IP_ADDRESS: addresses of both families between spaces or tabs, each with an optional prefix length. They come out
 * as inet_ntop(3) writes them. The unspecified addresses mean "none" and are skipped.
 */
export function parseAddresses(raw: string): ParsedValue {
  const tokens = splitTokens(raw, /[ \t]+/).filter((token) => !NO_ADDRESS.includes(token));
  const { taken, notes, bad } = takeTokens(tokens, readAddress);
  if (taken.length === 0 && bad !== null) return invalid(bad);
  return valid({ type: 'addresses', addresses: [...taken] }, notes);
}

function readAddress(token: string): Address | string {
  const slash = token.indexOf('/');
  const text = slash === -1 ? token : token.slice(0, slash);
  const prefix = slash === -1 ? null : token.slice(slash + 1);
  const family = isIPv4(text) ? 4 : isIPv6(text) && !text.includes('%') ? 6 : null;
  if (family === null) return 'not an IP address';
  const bits = family === 4 ? 32 : 128;
  if (prefix !== null && !(/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits)) {
    return `the prefix is not a number from 0 to ${bits}`;
  }
  const { address } = new SocketAddress({ address: text, family: family === 4 ? 'ipv4' : 'ipv6' });
  return { address, family, prefix: prefix === null ? null : Number(prefix) };
}

/** Written as these exactly: other spellings of the same address are kept. */
const NO_ADDRESS: readonly string[] = ['0.0.0.0', '::', '::0'];
