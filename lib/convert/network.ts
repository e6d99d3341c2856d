import type { NetInterface } from '../documents/container-yml.ts';
import type { IpAddress } from './address.ts';
import { readAddress } from './address.ts';
import type { Context } from './context.ts';
import type { NetifOptions } from './options.ts';

/**
 * One interface for all venet addresses, or none where there are no addresses.
 *
 * - A routed one is the exact equivalent of venet: each address as a host route (osctld reaches no address that has
 *   no route). The prefix that IP_ADDRESS may have only shapes a file inside the guest, so it is never used.
 * - A bridge is static (`dhcp: false`, else osctld leaves the addresses out of the guest's files), and its prefix has
 *   to come from a flag.
 */
export function convertNetwork(context: Context): NetInterface[] {
  const { ledger, options } = context;
  const addresses = takeAddresses(context);
  for (const sentence of options.withoutEffect) ledger.warn('FLAG_WITHOUT_EFFECT', sentence);
  if (addresses.length === 0) {
    ledger.warn('NO_ADDRESS', 'no venet address: the container gets no network interface');
    return [];
  }
  return [options.netif.type === 'routed' ? routed(addresses, options.netif) : bridge(addresses, context)];
}

/** vzctl skips the unspecified addresses, which panels write for "none". */
function takeAddresses({ ledger, options }: Context): IpAddress[] {
  const found = new Map<string, IpAddress>();
  for (const { item, value } of ledger.all('IP_ADDRESS', 'addresses')) {
    const taken: string[] = [];
    for (const { address: written } of value.addresses) {
      const address = readAddress(written);
      if (address === undefined) {
        ledger.warn('ADDRESS_INVALID', `${JSON.stringify(written)} is no IP address and is left out`, item);
      } else if (address.range !== 'unspecified' && !found.has(address.text)) {
        found.set(address.text, address);
        taken.push(address.text);
      }
    }
    const { type, name } = options.netif;
    ledger.convert(item, taken.length > 0 ? `${type} ${name} ${taken.join(', ')}` : 'no address');
  }
  return [...found.values()];
}

function routed(addresses: readonly IpAddress[], { name, hwaddr }: NetifOptions): NetInterface {
  const hostRoutes = {
    v4: withPrefix(addresses, 4, HOST_PREFIX.v4),
    v6: withPrefix(addresses, 6, HOST_PREFIX.v6),
  };
  return { type: 'routed', name, hwaddr, ip_addresses: hostRoutes, routes: structuredClone(hostRoutes) };
}

function bridge(addresses: readonly IpAddress[], { ledger, options }: Context): NetInterface {
  const { name, hwaddr, link, prefixes, gateways } = options.netif;
  const v4 = withPrefix(addresses, 4, prefixes.v4 ?? HOST_PREFIX.v4);
  const v6 = withPrefix(addresses, 6, prefixes.v6 ?? HOST_PREFIX.v6);
  for (const [entries, given, flag] of [
    [v4, prefixes.v4, '--ipv4-prefix'],
    [v6, prefixes.v6, '--ipv6-prefix'],
  ] as const) {
    if (entries[0] === undefined || given !== null) continue;
    ledger.warn(
      'NO_PREFIX',
      `venet addresses have no prefix that a bridge could use: ${entries[0]} reaches no gateway in most guests; give the prefix of the network with ${flag}, or use --netif-type routed`,
    );
  }
  return {
    type: 'bridge',
    name,
    hwaddr,
    link,
    dhcp: false,
    ip_addresses: { v4, v6 },
    gateways: { v4: gateways.v4, v6: gateways.v6 },
  };
}

function withPrefix(addresses: readonly IpAddress[], family: 4 | 6, prefix: number): string[] {
  return addresses
    .filter((address) => address.family === family)
    .map((address) => `${address.text}/${prefix}`);
}

const HOST_PREFIX = { v4: 32, v6: 128 } as const;
