import { NO_COUNTERPART, type Parameter, parameter } from './parameter.ts';
import * as read from './readers.ts';

/** Where the data is, quotas, and disk bandwidth. */
export const DISK: readonly Parameter[] = [
  parameter('VE_PRIVATE VE_ROOT', read.path, { usesId: true, becomes: 'where the data is taken from' }),
  parameter('VE_LAYOUT', read.layout, {
    duplicates: 'last',
    inheritable: false,
    becomes: 'how the data is taken',
  }),
  parameter('DISKSPACE', read.kib, { becomes: "the dataset's `refquota`, a follow-up of the import" }),
  parameter('DISK_QUOTA', read.flag, {
    becomes: 'whether quotas of a simfs container count',
  }),
  parameter('DISKINODES', read.inodes, { dropped: 'ZFS has no quota of files for a dataset' }),
  parameter('QUOTATIME', read.integerOrUnlimited, {
    dropped: 'refquota has no soft limit and no grace time',
  }),
  parameter('QUOTAUGIDLIMIT', read.integerOrUnlimited, {
    dropped: {
      reason: 'user quota inside of a container does not exist in vpsAdminOS',
      severity: 'major',
    },
  }),
  parameter('MOUNT_OPTS', read.text, { dropped: `${NO_COUNTERPART}: mount options of the ploop image` }),
  parameter('NOATIME', read.flag, {
    dropped: { reason: "the mount is the target node's own", severity: 'info' },
  }),
  parameter('TEMPLATE', read.text, {
    dropped: {
      reason: 'where the OpenVZ node keeps templates; of no effect on a container',
      severity: 'info',
    },
  }),
  parameter('IOPRIO', read.ioPriority, { duplicates: 'last', dropped: NO_COUNTERPART }),
  parameter('IOLIMIT', read.ioRate, {
    duplicates: 'last',
    dropped: { reason: `${NO_COUNTERPART}: disk bandwidth is not limited`, severity: 'major' },
  }),
  parameter('IOPSLIMIT', read.int, {
    duplicates: 'last',
    dropped: { reason: `${NO_COUNTERPART}: disk operations are not limited`, severity: 'major' },
  }),
];
