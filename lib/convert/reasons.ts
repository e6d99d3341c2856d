import type { ItemValue } from '../documents/values.ts';
import type { ConfigItem } from '../documents/vz-config.ts';

/**
 * Why an item that counts on OpenVZ is not carried over, for the report. A setting that vpsAdminOS does have says
 * how to make it by hand.
 */
export function unconvertedReason({ key, value }: ConfigItem): string {
  if (value !== null && isNoLimit(value)) return 'sets no limit';
  return REASONS.get(key) ?? 'not converted by this version';
}

function isNoLimit(value: ItemValue): boolean {
  if (value.type === 'cpulimit') return value.percent === '0' || value.percent === 'unlimited';
  const { barrier, limit } = value.type === 'limits' ? value : { barrier: null, limit: null };
  return limit === 'unlimited' && (barrier === 'unlimited' || barrier === '0');
}

const NO_COUNTERPART = 'no counterpart in vpsAdminOS';
const OF_THE_NODE = 'a setting of the OpenVZ node, not of the container';
const OF_ITS_MAKING = 'says only how the container was made';
const byHand = (command: string): string => `not converted by this version: ${command}`;

/** Keys that share a reason. */
const GROUPS: readonly (readonly [reason: string, keys: string])[] = [
  [
    NO_COUNTERPART,
    `KMEMSIZE LOCKEDPAGES SHMPAGES OOMGUARPAGES AVNUMPROC NUMTCPSOCK NUMOTHERSOCK NUMFLOCK NUMPTY NUMSIGINFO TCPSNDBUF
     TCPRCVBUF OTHERSOCKBUF DGRAMRCVBUF DCACHESIZE DCACHE NUMIPTENT IPTENTRIES MEMINFO VM_OVERCOMMIT IOPRIO IOLIMIT
     IOPSLIMIT PCI QUOTATIME DISK_QUOTA MOUNT_OPTS NOATIME INITLOG`,
  ],
  [
    OF_THE_NODE,
    `VE0CPUUNITS IPV6 VE_ROUTE_SRC_DEV NEIGHBOUR_DEVS ERROR_ON_ARPFAIL SKIP_ARPDETECT FORCE_ROUTE VIRTUOZZO LOCKDIR
     DUMPDIR LOGGING LOGFILE LOG_LEVEL VERBOSE VZFASTBOOT VZWDOG IP6TABLES IPTABLES_MODULES VE_STOP_MODE VE_PARALLEL
     SKIP_SYSCTL_SETUP MODULES_DISABLED DEF_OSTEMPLATE CONFIGFILE TEMPLATE`,
  ],
  [OF_ITS_MAKING, 'ORIGIN_SAMPLE CONFIG_CUSTOMIZED APPLY_CONFIG'],
  ['the node places containers on CPUs by itself', 'CPUMASK NODEMASK'],
  ['ZFS has no quota of this kind for a container', 'DISKINODES QUOTAUGIDLIMIT'],
  ['netfilter is a matter of the target node', 'NETFILTER IPTABLES'],
  ['files have real ids under an OpenVZ kernel', 'LOCAL_UID LOCAL_GID'],
];

const REASONS: ReadonlyMap<string, string> = new Map([
  ...GROUPS.flatMap(([reason, keys]) => keys.split(/\s+/).map((key) => [key, reason] as const)),
  ['NUMPROC', byHand('osctl ct cgparams set ID pids.max N')],
  ['NUMFILE', 'limits the whole container; vpsAdminOS limits each process, prlimit nofile'],
  ['CPULIMIT', byHand('osctl ct set cpu-limit ID PERCENT')],
  ['CPUS', byHand('osctl ct set cpu-limit ID PERCENT, 100 for each CPU')],
  ['CPUUNITS', `${byHand('osctl ct cgparams set ID cpu.weight N')}, on another scale`],
  ['CPUUWEIGHT', `${byHand('osctl ct cgparams set ID cpu.weight N')}, on another scale`],
  ['DISKSPACE', byHand('zfs set refquota=SIZE DATASET after the import')],
  ['NETIF', byHand('osctl ct netif new bridge --link BRIDGE --hwaddr MAC ID NAME')],
  ['NETDEV', `${NO_COUNTERPART}: a device of the host cannot be moved in`],
  ['DEVICES', byHand('osctl ct devices add -p ID char|block MAJOR MINOR rwm')],
  ['DEVNODES', byHand('osctl ct devices add -p ID char|block MAJOR MINOR rwm /dev/NAME')],
  ['CAPABILITY', 'not converted by this version; capabilities count only within the user namespace there'],
  ['FEATURES', `${byHand('osctl ct devices add -p ID char MAJOR MINOR rwm /dev/NAME')} for fuse, tun or ppp`],
  ['NAME', 'not converted by this version; --as-id gives the container another id'],
  ['DESCRIPTION', byHand('osctl ct set attr ID VENDOR:KEY TEXT')],
  ['SEARCHDOMAIN', 'osctld manages the addresses of resolvers only'],
  ['STOP_TIMEOUT', 'osctld waits 300 seconds for every container'],
  ['VEID', "the name of the config's file decides"],
  ['VETH', 'obsolete; vzctl ignores it too'],
]);
