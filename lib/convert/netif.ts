import type { NetInterface } from '../documents/container-yml.ts';
import { isInterfaceName, readHwaddr } from '../documents/names.ts';
import type { Netif } from '../documents/values.ts';
import type { ConfigItem } from '../documents/vz-config.ts';
import type { Context } from './context.ts';
import { makeBridged } from './interfaces.ts';
import type { Part } from './parts.ts';
import { decideByParts } from './parts.ts';

/**
 * The veth interfaces of NETIF, in its order: each is bridged and keeps its inner name and MAC address. The node's side
 * (`host_ifname`, `host_mac`) is osctld's own; a `host_mac` such as FE:FF:FF:FF:FF:FF must not come along anyway.
 *
 * The addresses of a veth are in the guest's own files only, which osctld writes anew at each start. So an interface is
 * set up by DHCP, unless `--ip` gives its addresses.
 */
export function convertVeths(context: Context): NetInterface[] {
  const taken = context.ledger.one('NETIF', 'netif');
  if (!taken) return [];
  const made: NetInterface[] = [];
  const seen = new Set<string>();
  const parts = taken.value.interfaces.map((netif): Part => {
    if (!isInterfaceName(netif.ifname) || seen.has(netif.ifname)) return leaveOut(netif, taken.item, context);
    seen.add(netif.ifname);
    const veth = convertVeth(netif, taken.item, context);
    made.push(veth);
    return describe(netif, veth);
  });
  decideByParts(context.ledger, taken.item, parts);
  warnOfBridges(taken.value.interfaces, taken.item, context);
  warnOfSharedMacs(made, taken.item, context);
  return made;
}

/** The target's bridge for one of the source: as `--bridge-map` says, else the usual one. */
export function linkFor(bridge: string | null, { options }: Context): string {
  return (bridge === null ? undefined : options.bridgeMap.get(bridge)) ?? options.netif.link;
}

function convertVeth(netif: Netif, item: ConfigItem, context: Context): NetInterface {
  const { ledger, options } = context;
  const { ifname: name } = netif;
  const hwaddr = (netif.mac === null ? undefined : readHwaddr(netif.mac)) ?? null;
  if (hwaddr === null) {
    const why = netif.mac === null ? 'NETIF does not give it' : `${netif.mac} is no unicast address`;
    ledger.warn('MAC_NEW', `${name} gets a new MAC address at each start: ${why}`, item);
  }
  const link = linkFor(netif.bridge, context);
  const addresses = options.ips.get(name);
  if (addresses !== undefined) return makeBridged(context, { name, hwaddr, link, addresses });
  ledger.warn(
    'NETIF_DHCP',
    `${name} is set up by DHCP: its addresses are in the guest's files, which osctld rewrites; --ip ${name}=ADDRESS/PREFIX keeps them`,
    item,
  );
  const none = { v4: [], v6: [] };
  const gateways = { v4: 'auto', v6: 'auto' };
  return { type: 'bridge', name, hwaddr, link, dhcp: true, ip_addresses: none, gateways };
}

function describe({ ifname, hostIfname, hostMac, macFilter }: Netif, veth: NetInterface): Part {
  const link = veth.type === 'bridge' ? veth.link : '';
  const isDhcp = veth.type === 'bridge' && veth.dhcp;
  const lost = [
    ...(hostIfname === null ? [] : ['host_ifname']),
    ...(hostMac === null ? [] : ['host_mac']),
    ...(macFilter === false ? ['mac_filter=off'] : []),
  ];
  const words = [
    `bridge ${link}`,
    veth.hwaddr === null ? 'a new MAC address' : `MAC ${veth.hwaddr}`,
    isDhcp ? 'by DHCP' : 'addresses of --ip',
    ...(lost.length === 0 ? [] : [`without ${lost.join(', ')}`]),
  ];
  // The node's side of a veth is its own affair.
  const severity = isDhcp ? 'major' : macFilter === false || veth.hwaddr === null ? 'minor' : 'info';
  return {
    name: ifname,
    fate: severity === 'info' && lost.length === 0 ? 'converted' : 'approximated',
    severity,
    text: words.join(', '),
  };
}

function leaveOut({ ifname }: Netif, item: ConfigItem, { ledger }: Context): Part {
  const text = 'left out: a second one of this name, or a name that osctld would not take';
  ledger.warn('NETIF_LEFT_OUT', `interface ${JSON.stringify(ifname)} is ${text}`, item);
  return { name: JSON.stringify(ifname), fate: 'dropped', severity: 'critical', text };
}

function warnOfBridges(netifs: readonly Netif[], item: ConfigItem, { ledger, options }: Context): void {
  const { link } = options.netif;
  for (const bridge of new Set(netifs.map((netif) => netif.bridge))) {
    if (bridge === null) {
      const text = `an interface without bridge: vzctl's scripts chose one on the node; ${link} is taken`;
      ledger.warn('BRIDGE_UNKNOWN', text, item);
    } else if (!options.bridgeMap.has(bridge)) {
      const same = bridge === link ? `the target's bridge of that name` : link;
      const text = `bridge ${JSON.stringify(bridge)} becomes ${same}; --bridge-map ${bridge}=BRIDGE names the right one`;
      ledger.warn('BRIDGE_NOT_MAPPED', text, item);
    }
  }
}

function warnOfSharedMacs(made: readonly NetInterface[], item: ConfigItem, { ledger }: Context): void {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const { hwaddr } of made) {
    if (hwaddr !== null && seen.has(hwaddr)) shared.add(hwaddr);
    if (hwaddr !== null) seen.add(hwaddr);
  }
  for (const mac of shared) ledger.warn('MAC_TWICE', `two interfaces have the MAC address ${mac}`, item);
}
