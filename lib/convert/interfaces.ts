import type { NetInterface } from '../documents/container-yml.ts';
import type { IpAddress } from './address.ts';
import type { Context } from './context.ts';

/** An address with the prefix of its network; null: none is known, and it is a host route. */
export interface StaticAddress {
  readonly address: IpAddress;
  readonly prefix: number | null;
}

interface Wanted {
  readonly name: string;
  readonly hwaddr: string | null;
  readonly addresses: readonly StaticAddress[];
}

/** An interface of the type that the options say, with static addresses. */
export function makeInterface(context: Context, wanted: Wanted): NetInterface {
  const { type, link } = context.options.netif;
  return type === 'routed' ? makeRouted(wanted) : makeBridged(context, { ...wanted, link });
}

/**
 * A bridged interface with static addresses: `dhcp: false`, else osctld leaves them out of the guest's files. A host
 * prefix reaches no gateway in most guests, which is said.
 */
export function makeBridged(
  { ledger, options }: Context,
  { name, hwaddr, link, addresses }: Wanted & { readonly link: string },
): NetInterface {
  const { gateways } = options.netif;
  for (const [family, flag] of [
    [4, '--ipv4-prefix'],
    [6, '--ipv6-prefix'],
  ] as const) {
    const ofThis = ofFamily(addresses, family);
    const bare = ofThis.find(({ prefix }) => prefix === null);
    const host = ofThis.every(({ prefix }) => prefix === HOST_PREFIX[family]) ? ofThis[0] : undefined;
    const gateway = gateways[`v${family}`];
    const unreached = bare ?? (gateway === 'auto' ? host : undefined);
    if (unreached === undefined || gateway === 'none') continue;
    ledger.warn(
      'NO_PREFIX',
      `${unreached.address.text} of ${name} has no prefix that a bridge could use, and reaches no gateway in most guests; give the prefix of the network with ${flag} or --ip, or use --netif-type routed`,
    );
  }
  return {
    type: 'bridge',
    name,
    hwaddr,
    link,
    dhcp: false,
    ip_addresses: { v4: withPrefix(addresses, 4), v6: withPrefix(addresses, 6) },
    gateways: { v4: gateways.v4, v6: gateways.v6 },
  };
}

/** Each address as a host route, in both lists: osctld reaches no address that has no route. */
function makeRouted({ name, hwaddr, addresses }: Wanted): NetInterface {
  const hosts = addresses.map(({ address }) => ({ address, prefix: null }));
  const hostRoutes = { v4: withPrefix(hosts, 4), v6: withPrefix(hosts, 6) };
  return { type: 'routed', name, hwaddr, ip_addresses: hostRoutes, routes: structuredClone(hostRoutes) };
}

function withPrefix(addresses: readonly StaticAddress[], family: 4 | 6): string[] {
  return ofFamily(addresses, family).map(
    ({ address, prefix }) => `${address.text}/${prefix ?? HOST_PREFIX[family]}`,
  );
}

function ofFamily(addresses: readonly StaticAddress[], family: 4 | 6): readonly StaticAddress[] {
  return addresses.filter(({ address }) => address.family === family);
}

const HOST_PREFIX = { 4: 32, 6: 128 } as const;
