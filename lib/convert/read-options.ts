import type { Flags } from '../cli/flags.ts';
import { usage } from '../cli/flags.ts';
import { nearest } from '../cli/nearest.ts';
import {
  isContainerId,
  isGroupName,
  isHostname,
  isInterfaceName,
  isUserName,
  isVersion,
  readHwaddr,
} from '../documents/names.ts';
import type { VzError } from '../errors.ts';
import { NO_HOST, readAddress } from './address.ts';
import { DISTRIBUTIONS } from './distributions.ts';
import type { StaticAddress } from './interfaces.ts';
import type { Arch, ConvertOptions } from './options.ts';
import { DEFAULT_OPTIONS } from './options.ts';
import { readZfsOptions } from './read-zfs-options.ts';
import { readUidMap } from './uid-map.ts';

/** Reads the flags into options. Throws VzError USAGE (64) that names the flag and what it expects. */
export function readOptions(flags: Flags): ConvertOptions {
  return {
    id: checked(flags, 'as-id', isContainerId, 'at most 100 of A-Z a-z 0-9 _ -, no dash first'),
    hostname: checked(
      flags,
      'hostname',
      isHostname,
      'labels of letters, digits and dashes, at most 64 characters',
    ),
    distribution: readDistribution(flags),
    distributionVersion: checked(
      flags,
      'distribution-version',
      isVersion,
      'letters, digits, dots and dashes',
    ),
    arch: (flags.text('arch') as Arch | undefined) ?? null,
    user: readUser(flags),
    group: checked(flags, 'group', isGroupName, 'names that each begin with /, such as /default'),
    clone: readClone(flags),
    netif: readNetif(flags),
    bridgeMap: readBridgeMap(flags.list('bridge-map')),
    ips: readIps(flags.list('ip')),
    zfs: readZfsOptions(flags),
    bridgeFlags: given(flags, ['bridge-link', 'gateway-v4', 'gateway-v6']),
    withoutEffect: [
      ...unusedByRouted(flags),
      ...unusedByVpsadmin(flags),
      ...(flags.list('route-via').length > 0 ? [ROUTE_VIA] : []),
    ],
  };
}

function readNetif(flags: Flags): ConvertOptions['netif'] {
  const defaults = DEFAULT_OPTIONS.netif;
  const hwaddr = flags.text('netif-hwaddr');
  const mac = hwaddr === undefined ? null : readHwaddr(hwaddr);
  if (mac === undefined)
    throw expected('netif-hwaddr', 'a unicast address such as 00:16:3e:12:34:56', hwaddr);
  const name = checked(flags, 'netif-name', isInterfaceName, INTERFACE_NAME);
  return {
    type: isRouted(flags) ? 'routed' : 'bridge',
    name: (flags.on('vpsadmin') ? null : name) ?? defaults.name,
    hwaddr: mac,
    link: checked(flags, 'bridge-link', isInterfaceName, INTERFACE_NAME) ?? defaults.link,
    prefixes: {
      v4: flags.integer('ipv4-prefix', { min: 1, max: 32 }) ?? null,
      v6: flags.integer('ipv6-prefix', { min: 1, max: 128 }) ?? null,
    },
    gateways: { v4: readGateway(flags, 'gateway-v4', 4), v6: readGateway(flags, 'gateway-v6', 6) },
  };
}

function readGateway(flags: Flags, name: string, family: 4 | 6): string {
  const text = flags.text(name) ?? 'auto';
  if (text === 'auto' || text === 'none') return text;
  const address = readAddress(text);
  if (address?.family === family) return address.text;
  throw expected(name, `auto, none or an IPv${family} address`, text);
}

function readUser(flags: Flags): ConvertOptions['user'] {
  const name = checked(flags, 'user', isUserName, 'at most 30 of a-z 0-9 _ -, no dash first');
  const entries = flags.list('uid-map');
  if (name === null && entries.length === 0) return null;
  if (name === null) throw usage('--uid-map: is for --user, which is missing');
  if (entries.length === 0) throw usage('--user: needs --uid-map', 'for example --uid-map 0:666000:65536');
  return { name, uidMap: readUidMap(entries) };
}

function readDistribution(flags: Flags): string | null {
  const name = flags.text('distribution');
  if (name === undefined) return null;
  if (name === 'other' || DISTRIBUTIONS.has(name)) return name;
  const guess = nearest(name, [...DISTRIBUTIONS]);
  throw usage(
    `--distribution: vpsAdminOS does not know ${JSON.stringify(name)}`,
    guess ? `did you mean ${guess}?` : `it knows ${[...DISTRIBUTIONS].join(', ')}, other`,
  );
}

/** A copy with the id of the original would stand in its way when that is moved one day. */
function readClone(flags: Flags): boolean {
  const isClone = flags.on('clone');
  if (isClone && flags.text('as-id') === undefined)
    throw usage('--clone: needs --as-id', 'the id of the copy');
  return isClone;
}

function readBridgeMap(entries: readonly string[]): ConvertOptions['bridgeMap'] {
  const map = new Map<string, string>();
  for (const entry of entries) {
    const [, from, to = ''] = /^([^=\s]{1,15})=(.*)$/.exec(entry) ?? [];
    if (from === undefined || !isInterfaceName(to)) throw expected('bridge-map', 'vmbr0=lxcbr0, say', entry);
    if (map.has(from)) throw usage(`--bridge-map: ${from} is given twice`);
    map.set(from, to);
  }
  return map;
}

function readIps(entries: readonly string[]): ConvertOptions['ips'] {
  const ips = new Map<string, StaticAddress[]>();
  const seen = new Set<string>();
  for (const entry of entries) {
    const [, name = '', text = '', prefix] = /^([^=]*)=([^/]*)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
    const address = readAddress(text);
    const isFit = address !== undefined && !NO_HOST.has(address.range);
    const bits = address?.family === 4 ? 32 : 128;
    if (!isInterfaceName(name) || !isFit || Number(prefix ?? 1) > bits || Number(prefix ?? 1) === 0) {
      throw expected('ip', 'NAME=ADDRESS/PREFIX such as eth0=203.0.113.7/24', entry);
    }
    if (seen.has(address.text)) throw usage(`--ip: ${address.text} is given twice`);
    seen.add(address.text);
    const others = ips.get(name) ?? [];
    ips.set(name, [...others, { address, prefix: prefix === undefined ? null : Number(prefix) }]);
  }
  return ips;
}

function given(flags: Flags, names: readonly string[]): string[] {
  return names.filter((name) => flags.text(name) !== undefined).map((name) => `--${name}`);
}

/** A routed interface has no prefix. */
function unusedByRouted(flags: Flags): string[] {
  if (!isRouted(flags)) return [];
  return given(flags, ['ipv4-prefix', 'ipv6-prefix']).map(
    (flag) => `${flag} has no effect on a routed interface`,
  );
}

/** What it says of the interface and of the dataset is so, whatever else is said. */
function unusedByVpsadmin(flags: Flags): string[] {
  if (!flags.on('vpsadmin')) return [];
  const own = ['netif-type', 'netif-name', 'zfs-dataset', 'zfs-subdir'];
  return given(flags, own).map((flag) => `${flag} has no effect with --vpsadmin`);
}

function isRouted(flags: Flags): boolean {
  return flags.on('vpsadmin') || flags.text('netif-type') === 'routed';
}

function checked(
  flags: Flags,
  name: string,
  isValid: (text: string) => boolean,
  what: string,
): string | null {
  const text = flags.text(name);
  if (text === undefined) return null;
  if (!isValid(text)) throw expected(name, what, text);
  return text;
}

function expected(name: string, what: string, text: string | undefined): VzError {
  return usage(`--${name}: expected ${what}, got ${JSON.stringify(text)}`);
}

const INTERFACE_NAME = 'at most 15 of letters, digits, _ . -, and not lo';
const ROUTE_VIA = "--route-via has no effect: interfaces of today's osctld have no such thing";
