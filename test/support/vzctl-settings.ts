import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import type { ItemValue } from '../../lib/documents/values.ts';
import type { Setting } from './vzctl-writer.ts';

export const LONG_MAX = 2n ** 63n - 1n;
export const LONG_MAX_32 = 2n ** 31n - 1n;

export type Unit = Extract<ItemValue, { type: 'limits' }>['unit'];
/** What a plain number of each key counts. */
export const UNITS: Readonly<Record<string, Unit>> = {
  ...keysOf('pages', 'LOCKEDPAGES PRIVVMPAGES SHMPAGES PHYSPAGES VMGUARPAGES OOMGUARPAGES SWAPPAGES'),
  ...keysOf('bytes', 'KMEMSIZE TCPSNDBUF TCPRCVBUF OTHERSOCKBUF DGRAMRCVBUF DCACHESIZE'),
  ...keysOf(
    'items',
    'NUMPROC NUMTCPSOCK NUMOTHERSOCK NUMFLOCK NUMPTY NUMSIGINFO NUMFILE NUMIPTENT AVNUMPROC',
  ),
  ...keysOf('kib', 'DISKSPACE'),
  ...keysOf('inodes', 'DISKINODES'),
};

function keysOf(unit: Unit, keys: string): Record<string, Unit> {
  return Object.fromEntries(keys.split(' ').map((key) => [key, unit]));
}

/** Numbers of every size, the special ones among them. */
export const number = fc.oneof(
  fc.bigInt({ min: 0n, max: LONG_MAX }),
  fc.nat({ max: 100_000 }).map(BigInt),
  fc.constantFrom(0n, 1n, LONG_MAX_32 - 1n, LONG_MAX_32, 2n ** 53n + 1n, LONG_MAX - 1n, LONG_MAX),
);
const pick = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const word = fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/);
const integer = (min: bigint, max: bigint): fc.Arbitrary<Setting> =>
  fc.bigInt({ min, max }).map((value) => ({ type: 'integer', number: value }));
/** Whatever neither a shell nor vzctl takes for more than itself in double quotes. */
const text = fc
  .string({
    unit: fc.oneof({ weight: 9, arbitrary: fc.stringMatching(/^[\x20-\x7e]$/) }, pick('é', '漢', '😀')),
  })
  .filter((value) => !/["\\$`]/.test(value))
  .map((value): Setting => ({ type: 'text', text: value }));
const list = <T>(item: fc.Arbitrary<T>, selector?: (value: T) => unknown): fc.Arbitrary<T[]> =>
  fc.uniqueArray(item, { minLength: 1, maxLength: 4, ...(selector ? { selector } : {}) });

const address = fc.oneof(
  fc.record({
    family: pick<4 | 6>(4),
    address: fc
      .tuple(fc.integer({ min: 1, max: 223 }), fc.nat(255), fc.nat(255), fc.nat(255))
      .map((parts) => parts.join('.')),
    prefix: fc.option(fc.nat(32)),
  }),
  fc.record({
    family: pick<4 | 6>(6),
    address: fc
      .tuple(pick('2001', 'fd00'), fc.array(pick('0', '1', 'db8', 'ffff'), { minLength: 6, maxLength: 6 }))
      .map(([first, parts]) =>
        new ipaddr.IPv6([first, ...parts, '1'].map((group) => Number.parseInt(group, 16))).toRFC5952String(),
      ),
    prefix: fc.option(fc.nat(128)),
  }),
);

const mac = fc
  .array(fc.nat(255), { minLength: 6, maxLength: 6 })
  .map((bytes) => bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':'));
const mode = fc.subarray(['r', 'w', 'q']).map((letters) => letters.join(''));
const capability = pick('CHOWN', 'NET_ADMIN', 'SYS_TIME', 'SYS_MODULE', 'MKNOD', 'VE_ADMIN', 'SETPCAP');
const feature = pick('sysfs', 'nfs', 'sit', 'ipip', 'ppp', 'ipgre', 'bridge', 'nfsd');
const switches = (name: fc.Arbitrary<string>): fc.Arbitrary<Setting> =>
  list(fc.record({ name, on: fc.boolean() }), (one) => one.name).map((all) => ({
    type: 'switches',
    switches: all,
  }));
const words = (item: fc.Arbitrary<string>): fc.Arbitrary<Setting> =>
  list(item).map((all) => ({ type: 'words', words: all }));
const flag = fc.boolean().map((on): Setting => ({ type: 'flag', on }));
const names = fc.oneof(
  pick<Setting>({ type: 'names', inherit: true, names: [] }),
  list(word.filter((name) => name !== 'inherit')).map(
    (all): Setting => ({ type: 'names', inherit: false, names: all }),
  ),
);
const path = fc
  .array(word, { minLength: 1, maxLength: 4 })
  .map((parts): Setting => ({ type: 'text', text: `/${parts.join('/')}` }));
const mask = pick('all', '0', '0-2,7', '1,3,5').map((value): Setting => ({ type: 'cpumask', mask: value }));
const limits = fc.oneof(
  fc.record({ type: pick('limits' as const), barrier: number, limit: number }),
  number.map((same) => ({ type: 'limits' as const, barrier: same, limit: same })),
);

/** What can be set, by key. */
export const SETTINGS: Readonly<Record<string, fc.Arbitrary<Setting>>> = {
  ...Object.fromEntries(Object.keys(UNITS).map((key) => [key, limits])),
  ...{ ONBOOT: flag, DISABLED: flag, DISK_QUOTA: flag, NOATIME: flag },
  ...{ HOSTNAME: text, DESCRIPTION: text, OSTEMPLATE: text, ORIGIN_SAMPLE: text, MOUNT_OPTS: text },
  NAME: fc.stringMatching(/^[A-Za-z0-9 +_.-]{1,20}$/).map((name) => ({ type: 'text', text: name })),
  ...{ VE_ROOT: path, VE_PRIVATE: path },
  ...{ LOCAL_UID: integer(0n, LONG_MAX), LOCAL_GID: integer(0n, LONG_MAX) },
  VM_OVERCOMMIT: pick('0', '1.5', '2.000').map((factor) => ({ type: 'text', text: factor })),
  BOOTORDER: number.map((value) => ({ type: 'integer', number: value })),
  ...{ QUOTATIME: integer(0n, LONG_MAX), QUOTAUGIDLIMIT: integer(0n, LONG_MAX), CPUS: integer(1n, 4096n) },
  ...{ CPUUNITS: integer(8n, 500_000n), IOPRIO: integer(0n, 7n), STOP_TIMEOUT: integer(0n, 2n ** 31n - 1n) },
  ...{ IOLIMIT: integer(0n, 2n ** 31n - 1n), IOPSLIMIT: integer(0n, 2n ** 31n - 1n) },
  CPULIMIT: fc.nat(6400).map((percent) => ({ type: 'cpulimit', percent: String(percent), of: 'cpu' })),
  ...{ CPUMASK: mask, NODEMASK: mask },
  ...{ NAMESERVER: names, SEARCHDOMAIN: names },
  IP_ADDRESS: list(address, (one) => one.address).map((addresses) => ({ type: 'addresses', addresses })),
  NETIF: list(
    fc.record({
      ifname: word,
      mac: fc.option(mac),
      hostIfname: fc.option(word),
      hostMac: fc.option(mac),
      bridge: fc.option(word),
      macFilter: fc.option(fc.boolean()),
    }),
    (one) => one.ifname,
  ).map((interfaces) => ({ type: 'netif', interfaces })),
  DEVICES: list(
    fc.record({
      type: pick<'block' | 'char'>('block', 'char'),
      major: fc.nat(4095).filter((major) => major !== 7),
      minor: fc.option(fc.nat(1_048_575)),
      mode,
    }),
  ).map((devices) => ({ type: 'devices', devices })),
  DEVNODES: list(fc.record({ name: pick('net/tun', 'fuse', 'sdb1', 'a:b'), mode }), (one) => one.name).map(
    (nodes) => ({ type: 'devnodes', nodes }),
  ),
  PCI: words(pick('0000:01:00.0', '0001:0a:1f.7')),
  NETDEV: words(pick('eth2', 'eth3', 'bond0')),
  IPTABLES: words(pick('iptable_filter', 'ip_conntrack', 'ipt_TOS', 'ipt_owner')),
  NETFILTER: pick('disabled', 'stateless', 'stateful', 'full').map((value) => ({
    type: 'text',
    text: value,
  })),
  ...{ CAPABILITY: switches(capability), FEATURES: switches(feature) },
  VE_LAYOUT: fc.oneof(
    pick<Setting>({ type: 'layout', layout: 'simfs', mode: null }),
    fc
      .option(pick('expanded', 'plain', 'raw'))
      .map((kind): Setting => ({ type: 'layout', layout: 'ploop', mode: kind })),
  ),
  MEMINFO: fc.oneof(
    pick<Setting>({ type: 'meminfo', mode: 'none', number: 0n }),
    fc.record({
      type: pick('meminfo' as const),
      mode: pick<'pages' | 'privvmpages'>('pages', 'privvmpages'),
      number: fc.bigInt({ min: 1n, max: LONG_MAX - 1n }),
    }),
  ),
};
