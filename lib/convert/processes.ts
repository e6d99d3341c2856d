import { MAX_PIDS } from '../documents/cgroup-parameter.ts';
import type { CgroupParameter, ContainerYml } from '../documents/container-yml.ts';
import type { Limit } from '../documents/source.ts';
import type { ConfigItem } from '../documents/vz-config.ts';
import type { Context } from './context.ts';
import type { Taken } from './ledger.ts';

/** NUMPROC as `pids.max`, which counts threads as well as OpenVZ did. */
export function convertProcesses(context: Context): CgroupParameter[] {
  const { ledger } = context;
  const numproc = takeLimit(context, 'NUMPROC');
  if (!numproc) return [];
  const { item, limit } = numproc;
  if (limit > BigInt(MAX_PIDS)) {
    ledger.drop(item, `sets no limit: a kernel has ${MAX_PIDS} processes at the most`);
    return [];
  }
  ledger.convert(item, `pids.max ${limit}`);
  if (limit < TINY.processes) warnOfTiny(context, item, `${limit} processes`);
  return ([2, 1] as const).map((version) => ({
    version,
    subsystem: 'pids',
    name: 'pids.max',
    value: [Number(limit)],
  }));
}

/**
 * The limits of one process. Imported containers have none of open files unless it is said, so the one that
 * `osctl ct new` sets is; NUMFILE counts where it is tighter.
 */
export function convertOpenFiles(context: Context): ContainerYml['prlimits'] {
  const { ledger } = context;
  const numfile = takeLimit(context, 'NUMFILE');
  if (!numfile) return { nofile: USUAL };
  const { item, limit } = numfile;
  if (limit >= BigInt(USUAL.hard)) {
    ledger.drop(item, `the usual prlimit nofile, ${USUAL.soft}:${USUAL.hard}, is no looser`);
    return { nofile: USUAL };
  }
  const hard = Number(limit);
  const soft = Math.min(USUAL.soft, hard);
  if (limit < TINY.files) warnOfTiny(context, item, `${limit} open files`);
  ledger.approximate(item, `prlimit nofile ${soft}:${hard}, for each process instead of all together`);
  return { nofile: { soft, hard } };
}

interface ItemLimit {
  readonly item: ConfigItem;
  readonly limit: bigint;
}

/** Undefined, with its fate decided, for an item that sets no limit. */
function takeLimit(context: Context, key: 'NUMPROC' | 'NUMFILE'): ItemLimit | undefined {
  const taken = context.ledger.one(key, 'limits');
  if (!taken) return undefined;
  const limit = finite(taken.value.limit);
  if (limit === null) {
    context.ledger.drop(taken.item, 'sets no limit');
    return undefined;
  }
  if (limit === 0n) return refuseZero(context, taken);
  return { item: taken.item, limit };
}

/** Nothing could start under such a limit, so nobody meant it; an empty value reads as 0, too. */
function refuseZero({ ledger }: Context, { item }: Taken<'limits'>): undefined {
  ledger.drop(item, 'no limit: 0 would let nothing start', 'minor');
  ledger.warn('LIMIT_ZERO', `${item.key} of 0 would let nothing start: no limit is set`, item);
}

function warnOfTiny({ ledger }: Context, item: ConfigItem, what: string): void {
  ledger.warn('LIMIT_TINY', `${what} may be too few for the guest to start`, item);
}

function finite(limit: Limit): bigint | null {
  return limit === 'unlimited' ? null : BigInt(limit);
}

/** An init system with a few services needs more; real configs have 40 and 512 at the least. */
const TINY = { processes: 20n, files: 64n } as const;
/** What `osctl ct new` sets (osctld's prlimits manager). */
const USUAL = { soft: 1024, hard: 1_048_576 } as const;
