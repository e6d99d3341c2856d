import ipaddr from 'ipaddr.js';
import type { NetInterface } from '../documents/container-yml.ts';
import type { Context } from './context.ts';

/**
 * Leaves one default route for each family: of several interfaces with static addresses, the one whose network the
 * gateway lies in has it, else the first. A routed interface before it has a default route of its own.
 */
export function chooseGateways(interfaces: readonly NetInterface[], { options }: Context): NetInterface[] {
  const holder = {
    v4: findHolder(interfaces, 'v4', options.netif.gateways.v4),
    v6: findHolder(interfaces, 'v6', options.netif.gateways.v6),
  };
  return interfaces.map((one) => {
    if (one.type !== 'bridge' || one.dhcp) return one;
    const keep = (family: 'v4' | 'v6'): string => (holder[family] === one ? one.gateways[family] : 'none');
    return { ...one, gateways: { v4: keep('v4'), v6: keep('v6') } };
  });
}

/** An interface without addresses of the family keeps what it has, as long as no other needs it. */
function findHolder(
  interfaces: readonly NetInterface[],
  family: 'v4' | 'v6',
  gateway: string,
): NetInterface | undefined {
  const fixed = interfaces.filter((one) => one.type === 'routed' || !one.dhcp);
  const addressed = fixed.filter((one) => one.ip_addresses[family].length > 0);
  const near = addressed.find((one) => one.ip_addresses[family].some((entry) => holds(entry, gateway)));
  return near ?? addressed[0] ?? fixed[0];
}

/** `entry` is ADDRESS/PREFIX; the gateway may be a word. */
function holds(entry: string, gateway: string): boolean {
  return ipaddr.isValid(gateway) && ipaddr.parse(gateway).match(ipaddr.parseCIDR(entry));
}
