import type { Netif } from '../../documents/values.ts';
import type { ParsedValue } from '../value.ts';
import { invalid, valid } from '../value.ts';
import { splitTokens, takeTokens } from './list.ts';

/**
 * NETIF: interfaces between `;`, each a list of `field=value` between `,` in any order. Unknown fields are ignored; of
 * a repeated name or bridge the first counts, of a repeated MAC or filter the last. A second interface of the same
 * name is dropped. MACs come out in lower case with colons.
 */
export function parseNetif(raw: string): ParsedValue {
  const { taken, notes, bad } = takeTokens(splitTokens(raw, /;+/), readInterface);
  if (taken.length === 0 && bad !== null) return invalid(bad);
  const seen = new Set<string>();
  const interfaces = taken.filter(({ ifname }) => !seen.has(ifname) && seen.add(ifname));
  return valid({ type: 'netif', interfaces }, notes);
}

function readInterface(token: string): Netif | string {
  const fields = new Map<string, string>();
  for (const field of token.split(',')) {
    const equals = field.indexOf('=');
    const name = field.slice(0, Math.max(0, equals));
    const text = field.slice(equals + 1);
    const reason = CHECKS.get(name)?.(text);
    if (reason) return `${name}: ${reason}`;
    if (text === '' && name === 'mac_filter') continue;
    if (!fields.get(name) || LAST_COUNTS.has(name)) fields.set(name, text);
  }
  const get = (name: string): string | null => fields.get(name) || null;
  const ifname = get('ifname');
  if (ifname === null) return 'no ifname';
  const filter = get('mac_filter');
  return {
    ifname,
    mac: canonicalMac(get('mac')),
    hostIfname: get('host_ifname'),
    hostMac: canonicalMac(get('host_mac')),
    bridge: get('bridge'),
    macFilter: filter === null ? null : filter === 'on',
  };
}

type Check = (text: string) => string | null;

/** IFNAMSIZ is 16 with the terminating NUL. */
const checkName: Check = (text) => (Buffer.byteLength(text) > 15 ? 'more than 15 bytes' : null);
/** Any byte may stand between the pairs. */
const checkMac: Check = (text) =>
  /^[0-9a-f]{2}(.[0-9a-f]{2}){5}$/is.test(text) ? null : 'not a MAC address';
const checkFilter: Check = (text) => (['on', 'off', ''].includes(text) ? null : 'neither on nor off');

function canonicalMac(text: string | null): string | null {
  if (text === null) return null;
  return [0, 3, 6, 9, 12, 15].map((at) => text.slice(at, at + 2).toLowerCase()).join(':');
}

const CHECKS: ReadonlyMap<string, Check> = new Map([
  ['ifname', checkName],
  ['host_ifname', checkName],
  ['bridge', checkName],
  ['mac', checkMac],
  ['host_mac', checkMac],
  ['mac_filter', checkFilter],
]);
const LAST_COUNTS: ReadonlySet<string> = new Set(['mac', 'host_mac', 'mac_filter']);
