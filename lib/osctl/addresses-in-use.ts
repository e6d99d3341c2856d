import * as z from 'zod';
import { normaliseAddress } from '../documents/address.ts';
import type { Section } from './sections.ts';
import { readRows } from './sections.ts';

export interface AddressInUse {
  /** As `normaliseAddress` gives it. */
  readonly address: string;
  /** Where it was seen: a container's id, `a route`. */
  readonly where: string;
}

export interface AddressesInUse {
  readonly known: readonly AddressInUse[];
  /** What could not be asked for, as what is missing in `known`. */
  readonly unknown: readonly string[];
}

/** Addresses of the node itself, of its host routes, and of all its containers. */
export function readAddressesInUse(sections: ReadonlyMap<string, Section>): AddressesInUse {
  const rows = (name: string): z.infer<typeof addressRow>[] | null =>
    readRows(sections.get(name))?.flatMap((row) => addressRow.safeParse(row).data ?? []) ?? null;
  const lines = (name: string): string[] | null => {
    const section = sections.get(name);
    return section?.code === 0 ? section.output.split('\n') : null;
  };
  const [assigned, routed] = [rows('assigned'), rows('routed')];
  const [routes, routes6, own] = [lines('routes'), lines('routes6'), lines('addresses')];
  const known = [
    ...[...(routes ?? []), ...(routes6 ?? [])].map((line) => ({
      address: hostAddress(line.split(' ')[0] ?? ''),
      where: 'a route of the node',
    })),
    ...(own ?? []).map((line) => ({
      address: normaliseAddress(/ inet6? ([^\s/]+)/.exec(line)?.[1] ?? ''),
      where: 'the node itself',
    })),
    // Of a bridged interface the prefix is the network's; of a route only one to a single host is meant.
    ...(assigned ?? []).map(({ ctid, addr }) => ({
      address: normaliseAddress(addr.replace(/\/\d+$/, '')),
      where: `container ${ctid}`,
    })),
    ...(routed ?? []).map(({ ctid, addr }) => ({ address: hostAddress(addr), where: `container ${ctid}` })),
  ].filter(({ address }) => address !== '');
  const unknown = [
    ...(assigned && routed ? [] : ['of its containers']),
    ...(routes && routes6 && own ? [] : ['of the node itself']),
  ];
  return { known, unknown };
}

/** The address of a host route; empty for a network. */
function hostAddress(text: string): string {
  const [address = '', prefix] = text.split('/');
  const isWhole = prefix === undefined || prefix === (address.includes(':') ? '128' : '32');
  return isWhole ? normaliseAddress(address) : '';
}

/** `ct netif ls` tells no addresses; `ct netif ip ls` and `ct netif route ls` do, of running containers and others. */
const addressRow = z.looseObject({ ctid: z.string(), addr: z.string() });
