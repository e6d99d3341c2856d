import { NO_COUNTERPART, type Parameter, parameter } from './parameter.ts';
import * as read from './readers.ts';

/** Memory, and the beancounters of kernel objects. */
export const MEMORY: readonly Parameter[] = [
  parameter('PHYSPAGES', read.pages, {
    duplicates: 'last',
    becomes: '`memory.max`, where its limit is finite (VSwap)',
  }),
  parameter('SWAPPAGES', read.pages, { duplicates: 'last', becomes: '`memory.swap.max`' }),
  parameter('PRIVVMPAGES', read.pages, {
    duplicates: 'last',
    becomes: '`memory.max` of a config without VSwap',
  }),
  parameter('VMGUARPAGES', read.pages, {
    duplicates: 'last',
    becomes: '`memory.max` of a config without VSwap and without a limit in `PRIVVMPAGES`',
  }),
  parameter('NUMPROC', read.items, { duplicates: 'last', becomes: '`pids.max`' }),
  parameter('NUMFILE', read.items, {
    duplicates: 'last',
    becomes: 'prlimit `nofile`, where it is the tighter one',
  }),
  parameter('LOCKEDPAGES SHMPAGES OOMGUARPAGES', read.pages, { duplicates: 'last', dropped: NO_COUNTERPART }),
  parameter('KMEMSIZE TCPSNDBUF TCPRCVBUF OTHERSOCKBUF DGRAMRCVBUF DCACHESIZE', read.bytes, {
    duplicates: 'last',
    dropped: NO_COUNTERPART,
  }),
  parameter('DCACHE', read.bytes, { duplicates: 'last', aliasOf: 'DCACHESIZE', dropped: NO_COUNTERPART }),
  parameter('AVNUMPROC', read.items, {
    duplicates: 'last',
    dropped: { reason: 'a figure for planning, without effect', severity: 'info' },
  }),
  parameter('NUMTCPSOCK NUMOTHERSOCK NUMFLOCK NUMPTY NUMSIGINFO NUMIPTENT', read.items, {
    duplicates: 'last',
    dropped: NO_COUNTERPART,
  }),
  parameter('IPTENTRIES', read.items, { duplicates: 'last', aliasOf: 'NUMIPTENT', dropped: NO_COUNTERPART }),
  parameter('VM_OVERCOMMIT', read.decimalFraction, {
    dropped: 'address space is not limited in vpsAdminOS',
  }),
  parameter('MEMINFO', read.meminfo, {
    duplicates: 'last',
    dropped: { reason: "the node's kernel shows the container its own memory limit", severity: 'info' },
  }),
];
