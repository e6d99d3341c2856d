import type { Severity } from '../documents/report.ts';

interface WarningKind {
  readonly severity: Severity;
  /** For the manual. */
  readonly says: string;
}

const kind = (severity: Severity, says: string): WarningKind => ({ severity, says });

/** Every warning of vz-to-osctl. A code is for programs, and never changes once released. */
export const WARNINGS = {
  ACTION_SCRIPT: kind(
    'major',
    'an action script, which vpsAdminOS does not run, and the mounts that it makes',
  ),
  ACTION_SCRIPT_NOT_RUN: kind(
    'info',
    'an action script that vzctl does not run for this container either: not executable, or for creation only',
  ),
  ADDRESS_INVALID: kind('major', 'something in `IP_ADDRESS` is no address and is left out'),
  ADDRESS_TWICE: kind('major', 'an address of `IP_ADDRESS` is given to another interface by `--ip`'),
  ARCH_DIFFERS: kind(
    'info',
    "the guest's programs are of another architecture than `OSTEMPLATE`; they count",
  ),
  ARCH_UNKNOWN: kind('minor', 'x86_64 is assumed'),
  BRIDGE_NOT_MAPPED: kind(
    'major',
    'a bridge of `NETIF` without `--bridge-map`: that of `--bridge-link` is taken',
  ),
  BRIDGE_UNKNOWN: kind('minor', 'an interface of `NETIF` without bridge: that of `--bridge-link` is taken'),
  CGROUP_V2_INIT: kind('minor', 'the node has cgroup version 2, and the init of the guest is not systemd'),
  CPULIMIT_UNKNOWN: kind('major', '`CPULIMIT` is a share of the host, whose CPUs are not known: no limit'),
  DATA_OUTSIDE: kind('critical', '`BINDMOUNT` or `DISK` names data that is not moved'),
  DEVICE_NODES: kind('minor', 'there are device nodes outside /dev, which the guest cannot use there'),
  DEVICE_PROVIDED: kind(
    'minor',
    'a device is not provided by the group on the node: a follow-up provides it to the group, too',
  ),
  DISABLED: kind('minor', 'the container is disabled, and vpsAdminOS knows no such thing'),
  DISTRIBUTION_RELATIVE: kind('minor', 'the distribution is treated as its relative'),
  DISTRIBUTION_UNKNOWN: kind('major', '`other` is taken'),
  FLAG_WITHOUT_EFFECT: kind('minor', 'an option that changes nothing'),
  FOREIGN_IDS: kind('critical', 'files are owned by ids above 65535; vz-rootfs-tar refuses such a container'),
  GROUP_NEW: kind('minor', '`--group` is not on the node, and will be made'),
  GUEST_UNKNOWN: kind(
    'minor',
    'something of the guest is not known that decides whether it can run on the node',
  ),
  HOSTNAME_INVALID: kind('minor', '`HOSTNAME` is no hostname; the guest keeps its own'),
  ID_NO_USER: kind('major', 'osctld cannot name a user after this id: give `--user` and `--uid-map`'),
  LAYOUT_DIFFERS: kind(
    'major',
    'the disk looks like another layout than `VE_LAYOUT` says; `VE_LAYOUT` counts, as for vzctl',
  ),
  LAYOUT_UNKNOWN: kind('minor', 'simfs is assumed'),
  LIMIT_TINY: kind('major', 'a limit of processes or open files may be too low for the guest to start'),
  LIMIT_ZERO: kind('minor', '`NUMPROC` or `NUMFILE` of 0, under which nothing could start: no limit is set'),
  MAC_NEW: kind('major', 'an interface gets a new MAC address at each start'),
  MAC_TWICE: kind('major', 'two interfaces of `NETIF` have one MAC address'),
  MEMORY_FROM_GUARANTEE: kind('major', '`VMGUARPAGES`, a guarantee, became the limit'),
  MEMORY_TINY: kind('major', 'the limit may be too low for the guest to start'),
  MEMORY_UNLIMITED: kind('minor', 'the limit makes no sense, and none is set'),
  NESTED: kind('minor', 'Docker or LXC runs in the container, or did: it may need `osctl ct set nesting`'),
  NETIF_DHCP: kind('major', "an interface is set up by DHCP, whatever the guest's files say"),
  NETIF_LEFT_OUT: kind('critical', 'an interface of `NETIF` is missing from the result'),
  NFS_SERVER: kind(
    'critical',
    '`/etc/exports` shares directories; an unprivileged container runs no NFS server',
  ),
  NODE_UNKNOWN: kind(
    'major',
    'the document of `--node` does not say something that this container depends on',
  ),
  NO_ADDRESS: kind('major', 'there is no interface'),
  NO_PREFIX: kind('major', 'addresses on a bridge without the prefix of their network'),
  ONBOOT_UNKNOWN: kind('minor', '`ONBOOT` is not set, or invalid, and the status is not known: no autostart'),
  ONBOOT_UNSET: kind('info', '`ONBOOT` is not set, or invalid, and the container runs: autostart'),
  POOL_UNKNOWN: kind('minor', 'the node has several pools, and none was named'),
  PRIVATE_UNKNOWN: kind('critical', 'there is no `VE_PRIVATE`, so later stages will not find the data'),
  QUOTA_BELOW_USED: kind('major', '`DISKSPACE` is less than what is used: the quota may be refused'),
  RESOLVERS_UNKNOWN: kind('minor', '`inherit`, but no resolver of the node is known or of use'),
  RESOLVER_INVALID: kind('major', 'something in `NAMESERVER` is no address and is left out'),
  SEARCHDOMAIN_LOST: kind('major', 'osctld writes resolv.conf anew at each start, without search domains'),
  SNAPSHOTS_LEFT: kind('minor', 'there are snapshots of its ploop image or dataset, which do not come along'),
  SPACE_TIGHT: kind('minor', 'the pool has room for the data, and not for an archive of it at the same time'),
  SPACE_UNKNOWN: kind('minor', 'how much data there is is not known'),
  SUBMOUNTS: kind('major', 'something is mounted below the root; what it holds is not moved'),
  SUSPENDED: kind('major', 'the container is suspended: it has to be resumed and stopped first'),
  SWAP_UNLIMITED: kind('minor', '`SWAPPAGES` is missing from a VSwap config'),
  TEMPLATE_DIFFERS: kind('info', 'the root filesystem is another distribution than `OSTEMPLATE`; it counts'),
  TEXT_NOT_CARRIED: kind('minor', 'a text that a terminal or osctld would not take as it stands'),
  USER_EXISTS: kind('major', 'the user of the container is on the node already'),
  USER_QUOTA: kind('major', 'users in the container have quotas, which do not exist there'),
  VENET_RENAMED: kind(
    'major',
    'the interface of the venet addresses has another name, as `NETIF` has one of its name',
  ),
  VENET_RULES: kind(
    'major',
    'firewall rules or start scripts name a venet interface, which there is none of',
  ),
  VERSION_UNKNOWN: kind('minor', 'version `0` is taken'),
  ZFS_LAYOUT: kind(
    'info',
    'the container lies in a ZFS dataset of its own, but not in its `private/`: it is exported as files, by vz-rootfs-tar',
  ),
  ZFS_SUBDATASETS: kind(
    'major',
    "datasets below the container's come along, and nothing mounts them in the container on vpsAdminOS",
  ),
  ZFS_SUBDATASETS_LEFT: kind('critical', "datasets below the container's are not moved"),
} as const satisfies Record<string, WarningKind>;
export type WarningCode = keyof typeof WARNINGS;

/** Warnings of the stage before, by what they mean for the container. */
const OF_PARSE_CONFIG: ReadonlyMap<string, Severity> = new Map([
  ['DUMP_LEFT', 'major'],
  ['NUMBER_CUT', 'info'],
  ['NO_STATUS', 'major'],
  ['NOT_ROOT', 'major'],
  ['PATH_NOT_USABLE', 'major'],
]);

/** How much a warning of a vz-config document matters. */
export function severityOf(code: string): Severity {
  return OF_PARSE_CONFIG.get(code) ?? 'minor';
}
