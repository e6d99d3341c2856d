import { type Parameter, parameter } from './parameter.ts';
import * as read from './readers.ts';

const OWN_PLACEMENT = 'the node places containers on its CPUs by itself';

/** CPU and NUMA. */
export const CPU: readonly Parameter[] = [
  parameter('CPUUNITS', read.cpuUnits, { becomes: '`cpu.weight` and `cpu.shares`, on their scales' }),
  parameter('CPULIMIT', read.cpuLimit, { becomes: '`cpu.max` and `cpu.cfs_quota_us`' }),
  parameter('CPUS', read.integerOrUnlimited, {
    becomes: '`cpu.max` of 100 percent for each, where `CPULIMIT` is not tighter',
  }),
  parameter('CPUUWEIGHT', read.integerOrUnlimited, {
    dropped: 'a weight on the inverse scale of old versions; CPUUNITS is the one that counts',
  }),
  parameter('CPUMASK', read.cpuMask, { dropped: OWN_PLACEMENT }),
  parameter('NODEMASK', read.nodeMask, { dropped: OWN_PLACEMENT }),
];
