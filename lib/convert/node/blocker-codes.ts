/** Every blocker of vz-to-osctl, with what it says, for the manual. A code is for programs, and never changes once released. */
export const BLOCKERS = {
  ACTION_MOUNTS:
    'an action script of the container mounts something on the host, which is neither moved nor mounted on vpsAdminOS',
  ADDRESS_IN_USE: 'the node, a route of it or a container there has one of the addresses',
  CGROUP_V2: 'the node has cgroup version 2, and the systemd of the guest is older than 230',
  DATASET_EXISTS: 'the dataset that the container would get is there, without a container',
  FOREIGN_IDS: 'files are owned by ids above 65535, which the container has no room for',
  ID_TAKEN: 'a container of the node has the id',
  NO_AUTOMATIC_USER: 'osctld cannot name a user after the id: it would be too long, or has capital letters',
  NO_BRIDGE: 'an interface goes to a bridge that the node does not have',
  NO_DEVICE: 'the kernel of the node has no such device',
  NO_IA32: 'the guest has 32 bits, and the kernel of the node runs programs of 64 bits only',
  NO_SPACE: 'the data is more than the pool has room for',
  POOL_INACTIVE: 'the pool is not active',
  SUBMOUNTS: 'something is mounted below the root; what it holds is not moved',
  SUSPENDED: 'the container is suspended: its memory is in a dump, and its files are not cleanly closed',
  VSYSCALL: 'the guest has a glibc older than 2.15 of 64 bits, and the kernel of the node has no vsyscall',
} as const satisfies Record<string, string>;
export type BlockerCode = keyof typeof BLOCKERS;

export function isBlockerCode(text: string): text is BlockerCode {
  return Object.hasOwn(BLOCKERS, text);
}
