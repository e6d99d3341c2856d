import * as z from 'zod';

/**
 * A limit of one cgroup version; osctld takes an entry without `version` for version 1. A closed list: osctld writes
 * whatever it is told to the node's cgroup files, and a document may come from anyone (`devices.allow` would open the
 * node's disks). A limit of zero is none of them, but for swap: "no limit" is an entry that is left out.
 */
export const cgroupParameter = z
  .strictObject({
    version: z.union([z.literal(1), z.literal(2)]),
    subsystem: z.string(),
    name: z.string(),
    value: z.array(z.union([z.string(), z.int()])).min(1),
  })
  .refine(
    ({ version, subsystem, name, value }) =>
      value.length === 1 && VALUES.get(`${version} ${subsystem} ${name}`)?.(value[0]) === true,
    'expected a limit of memory, CPU or processes, with a value that the kernel takes',
  );
export type CgroupParameter = z.infer<typeof cgroupParameter>;

/** The largest `pids.max` (PID_MAX_LIMIT of a 64-bit kernel): more is refused, and only `max` is no limit. */
export const MAX_PIDS = 4_194_304;
/** The bounds of `cpu.weight` (cgroup v2) and `cpu.shares` (v1). */
export const CPU_WEIGHT = { least: 1, most: 10_000 } as const;
export const CPU_SHARES = { least: 2, most: 262_144 } as const;
/** Both versions count a quota in microseconds of this period, as osctl sets it. */
export const CPU_PERIOD_US = 100_000;

type Check = (value: string | number | undefined) => boolean;

function between(least: number, most = Number.MAX_SAFE_INTEGER): Check {
  return (value) => typeof value === 'number' && value >= least && value <= most;
}

/** The kernel refuses a quota below 1 ms. */
const LEAST_QUOTA_US = 1000;

const VALUES: ReadonlyMap<string, Check> = new Map([
  ['2 memory memory.max', between(1)],
  ['2 memory memory.swap.max', between(0)],
  ['1 memory memory.limit_in_bytes', between(1)],
  ['1 memory memory.memsw.limit_in_bytes', between(1)],
  [
    '2 cpu cpu.max',
    (value) =>
      typeof value === 'string' && /^[1-9]\d{3,14} (\d+)$/.exec(value)?.[1] === String(CPU_PERIOD_US),
  ],
  ['2 cpu cpu.weight', between(CPU_WEIGHT.least, CPU_WEIGHT.most)],
  ['1 cpu cpu.cfs_period_us', (value) => value === CPU_PERIOD_US],
  ['1 cpu cpu.cfs_quota_us', between(LEAST_QUOTA_US)],
  ['1 cpu cpu.shares', between(CPU_SHARES.least, CPU_SHARES.most)],
  ['2 pids pids.max', between(1, MAX_PIDS)],
  ['1 pids pids.max', between(1, MAX_PIDS)],
]);
