import { CPU_PERIOD_US, CPU_SHARES, CPU_WEIGHT } from '../documents/cgroup-parameter.ts';
import type { CgroupParameter } from '../documents/container-yml.ts';
import type { Limit } from '../documents/source.ts';
import type { ConfigItem } from '../documents/vz-config.ts';
import type { Context } from './context.ts';
import { targetId } from './target.ts';

/**
 * CPU time and its share, for both cgroup versions, as `osctl ct set cpu-limit` writes the first; osctl has no command
 * of its own for the second.
 *
 * - CPULIMIT is percent of one CPU; `N%` is percent of the source node, whose CPUs have to be known.
 * - CPUS=n is the time of n CPUs, where CPULIMIT is not tighter: which CPUs the guest sees cannot be chosen.
 * - CPUUNITS 1000, the default, is `cpu.weight` 100 and `cpu.shares` 1024, the defaults there.
 */
export function convertCpu(context: Context): CgroupParameter[] {
  return [...convertTime(context), ...convertShare(context)];
}

interface TimeLimit {
  readonly item: ConfigItem;
  /** Of one CPU. */
  readonly percent: bigint;
  readonly words: string;
}

/** Decides both items when both are limits. */
function convertTime(context: Context): CgroupParameter[] {
  const { ledger } = context;
  const cpulimit = takeCpulimit(context);
  const cpus = takeCpus(context);
  if (cpus && (!cpulimit || cpus.percent < cpulimit.percent)) {
    if (cpulimit) ledger.drop(cpulimit.item, `CPUS, ${cpus.percent} percent, is tighter`);
    ledger.approximate(cpus.item, `${cpus.words}; ${SEES_ALL}`);
    return timeParameters(cpus.percent);
  }
  if (!cpulimit) return [];
  if (cpus) ledger.approximate(cpus.item, `CPULIMIT counts, which is no looser; ${SEES_ALL}`);
  ledger.convert(cpulimit.item, cpulimit.words);
  return timeParameters(cpulimit.percent);
}

/** Undefined, with its fate decided, for an item that sets no limit. */
function takeCpulimit(context: Context): TimeLimit | undefined {
  const { config, ledger } = context;
  const cpulimit = ledger.one('CPULIMIT', 'cpulimit');
  if (!cpulimit) return undefined;
  const { item, value } = cpulimit;
  const number = finite(value.percent);
  if (number === null) {
    ledger.drop(item, 'sets no limit');
    return undefined;
  }
  if (value.of === 'cpu') return sensible(context, { item, percent: number, words: limitWords(number) });
  const cpus = config.facts?.node.cpus ?? null;
  if (cpus === null) {
    const why = `${number}% of the host cannot be counted without the number of its CPUs, which was not looked up`;
    ledger.drop(item, why, 'major');
    ledger.warn(
      'CPULIMIT_UNKNOWN',
      `${why}: no limit is set; osctl ct set cpu-limit ${targetId(context)} PERCENT sets one, in percent of one CPU`,
      item,
    );
    return undefined;
  }
  const percent = number * BigInt(cpus);
  return sensible(context, {
    item,
    percent,
    words: `${limitWords(percent)}: ${number}% of the ${cpus} CPUs of the host`,
  });
}

function takeCpus(context: Context): TimeLimit | undefined {
  const cpus = context.ledger.one('CPUS', 'integer');
  if (!cpus) return undefined;
  const { item, value } = cpus;
  const count = finite(value.number);
  if (count !== null) {
    return sensible(context, { item, percent: count * 100n, words: limitWords(count * 100n) });
  }
  context.ledger.drop(item, 'sets no limit');
  return undefined;
}

function sensible({ ledger }: Context, limit: TimeLimit): TimeLimit | undefined {
  if (limit.percent <= MOST_PERCENT) return limit;
  ledger.drop(limit.item, 'sets no limit: no node has so many CPUs');
  return undefined;
}

function limitWords(percent: bigint): string {
  return `CPU limit of ${percent} percent of one CPU`;
}

function timeParameters(percent: bigint): CgroupParameter[] {
  const quota = Number((percent * BigInt(CPU_PERIOD_US)) / 100n);
  return [
    { version: 2, subsystem: 'cpu', name: 'cpu.max', value: [`${quota} ${CPU_PERIOD_US}`] },
    { version: 1, subsystem: 'cpu', name: 'cpu.cfs_period_us', value: [CPU_PERIOD_US] },
    { version: 1, subsystem: 'cpu', name: 'cpu.cfs_quota_us', value: [quota] },
  ];
}

function convertShare({ ledger }: Context): CgroupParameter[] {
  const cpuunits = ledger.one('CPUUNITS', 'integer');
  if (!cpuunits) return [];
  const { item, value } = cpuunits;
  const units = finite(value.number);
  if (units === null) {
    ledger.drop(item, 'sets no weight');
    return [];
  }
  const weight = scale(units, 1n, 10n, CPU_WEIGHT);
  const shares = scale(units, 1024n, 1000n, CPU_SHARES);
  ledger.approximate(
    item,
    `cpu.weight ${weight.number} (units / 10${weight.note}), cpu.shares ${shares.number} (units x 1024 / 1000${shares.note})`,
    units === USUAL_UNITS ? 'info' : 'minor',
  );
  return [
    { version: 2, subsystem: 'cpu', name: 'cpu.weight', value: [weight.number] },
    { version: 1, subsystem: 'cpu', name: 'cpu.shares', value: [shares.number] },
  ];
}

interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** `note` says what the formula alone does not. */
function scale(units: bigint, by: bigint, over: bigint, { least, most }: Bounds) {
  const exact = (units * by) / over;
  if (exact > BigInt(most)) return { number: most, note: ', capped: the kernel takes no more' };
  if (exact < BigInt(least)) return { number: least, note: ', raised: the kernel takes no less' };
  return { number: Number(exact), note: (units * by) % over === 0n ? '' : ', rounded down' };
}

/** null: no limit, which 0 is as well. */
function finite(number: Limit): bigint | null {
  return number === 'unlimited' || number === '0' ? null : BigInt(number);
}

const SEES_ALL = 'the guest sees all CPUs of the node';
const USUAL_UNITS = 1000n;
/** Of 8192 CPUs, the most that a kernel for x86_64 is built for. */
const MOST_PERCENT = 819_200n;
