import type { NetInterface } from '../documents/container-yml.ts';
import { usedItems } from '../documents/effective.ts';
import { readHwaddr } from '../documents/names.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Context } from './context.ts';
import { chooseGateways } from './gateways.ts';
import { makeBridged, makeInterface } from './interfaces.ts';
import { convertVeths, linkFor } from './netif.ts';
import { convertVenet } from './venet.ts';

/**
 * All interfaces, in the order of the guest's: that of the venet addresses first, as venet0 had the lower index and the
 * default route, then the veths of NETIF, then what only `--ip` names. A clone has what `--ip` names and nothing else.
 *
 * Throws VzError (64) for a MAC address of `--netif-hwaddr` that another interface has.
 */
export function convertNetwork(context: Context): NetInterface[] {
  const { ledger, options } = context;
  refuseMacOfVeth(context);
  for (const sentence of options.withoutEffect) ledger.warn('FLAG_WITHOUT_EFFECT', sentence);
  const found = chooseGateways(options.clone ? cloneInterfaces(context) : ownInterfaces(context), context);
  if (found.length > 0 && !found.some(({ type }) => type === 'bridge')) {
    for (const flag of options.bridgeFlags) {
      ledger.warn('FLAG_WITHOUT_EFFECT', `${flag} has no effect on a routed interface`);
    }
  }
  return found;
}

function ownInterfaces(context: Context): NetInterface[] {
  const veths = convertVeths(context);
  const venet = convertVenet(context, new Set(veths.map(({ name }) => name)));
  const found = venet ? [venet, ...veths] : [...veths];
  const names = new Set(found.map(({ name }) => name));
  for (const [name, addresses] of context.options.ips) {
    if (names.has(name)) continue;
    // One MAC address is for one interface: the first that is no veth.
    const hwaddr = found.length > veths.length ? null : context.options.netif.hwaddr;
    found.push(makeInterface(context, { name, hwaddr, addresses }));
  }
  if (context.options.netif.hwaddr !== null && found.length === veths.length) {
    context.ledger.warn('FLAG_WITHOUT_EFFECT', '--netif-hwaddr has no effect on interfaces of NETIF');
  }
  if (found.length === 0) {
    context.ledger.warn(
      'NO_ADDRESS',
      'neither venet address nor veth: the container gets no network interface',
    );
  }
  return found;
}

/** Never with a MAC address of the original, which goes on running. */
function cloneInterfaces(context: Context): NetInterface[] {
  const { ledger, options } = context;
  for (const key of ['IP_ADDRESS', 'NETIF', 'NETDEV']) {
    for (const item of usedItems(context.config, key)) ledger.drop(item, 'a clone has no network but --ip');
  }
  const veths = new Map(netifs(context).map((netif) => [netif.ifname, netif]));
  return [...options.ips].map(([name, addresses], index) => {
    const hwaddr = index === 0 ? options.netif.hwaddr : null;
    const veth = veths.get(name);
    if (veth === undefined) return makeInterface(context, { name, hwaddr, addresses });
    return makeBridged(context, { name, hwaddr, addresses, link: linkFor(veth.bridge, context) });
  });
}

function refuseMacOfVeth(context: Context): void {
  const { hwaddr } = context.options.netif;
  const holder = netifs(context).find(({ mac }) => mac !== null && readHwaddr(mac) === hwaddr);
  if (hwaddr === null || holder === undefined) return;
  throw new VzError('MAC_TAKEN', {
    exit: EXIT.usage,
    where: `ct ${context.config.ctid}`,
    what: `--netif-hwaddr ${hwaddr} is the MAC address of ${JSON.stringify(holder.ifname)} in NETIF`,
    hint: 'choose another one',
  });
}

function netifs({ config }: Context) {
  return usedItems(config, 'NETIF').flatMap(({ value }) => (value?.type === 'netif' ? value.interfaces : []));
}
