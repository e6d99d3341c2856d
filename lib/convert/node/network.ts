import { normaliseAddress } from '../../documents/address.ts';
import { listing } from '../listing.ts';
import type { NodeCase } from './case.ts';

/** Whether its interfaces find their bridges, and its addresses are free. */
export function judgeNetwork(judged: NodeCase): void {
  const { container, node } = judged;
  const { bridges, addresses } = node.document;
  const interfaces = container.config.net_interfaces;
  for (const netif of interfaces) {
    if (netif.type !== 'bridge') continue;
    if (bridges === null)
      judged.nodeUnknown('which bridges there are', `${netif.name} goes to ${netif.link}`);
    if (bridges === null || bridges.includes(netif.link)) continue;
    const there = bridges.length > 0 ? `has ${listing(bridges, { most: MOST_NAMES })}` : 'has no bridge';
    judged.block('NO_BRIDGE', {
      text: `it does not start with ${netif.name}: there is no bridge ${netif.link}`,
      evidence: `${node.name} ${there}`,
      remedy: 'name one with --bridge-link or --bridge-map, or take --netif-type routed',
    });
  }
  const entries = interfaces.flatMap(({ ip_addresses: { v4, v6 } }) => [...v4, ...v6]);
  for (const entry of entries) {
    const address = normaliseAddress(entry.replace(/\/\d+$/, ''));
    const where = node.placeOfAddress(address);
    if (where === undefined) continue;
    judged.block('ADDRESS_IN_USE', {
      text: `${address} is in use on the node`,
      evidence: `${where} of ${node.name} has it`,
      remedy: 'take it away there, or give another one with --ip',
    });
  }
  if (entries.length > 0 && addresses.unknown.length > 0) {
    judged.nodeUnknown(
      `which addresses ${addresses.unknown.join(' and ')} are in use`,
      'one may be so twice',
    );
  }
}

const MOST_NAMES = 10;
