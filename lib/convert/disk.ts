import { formatBytes } from '../cli/units.ts';
import type { Facts } from '../documents/facts.ts';
import type { FollowUp } from '../documents/follow-up.ts';
import type { OsctlContainer } from '../documents/osctl-container.ts';
import type { Limit } from '../documents/source.ts';
import { NO_COUNTERPART } from '../vz/parameters/parameter.ts';
import type { Context } from './context.ts';
import type { Taken } from './ledger.ts';

/**
 * The quota of the container's data: the hard limit of DISKSPACE becomes the `refquota` of its dataset, once the data is
 * there. Without DISK_QUOTA, vzctl enforces none of the quotas on simfs; a ploop container has the size of its image,
 * whatever DISK_QUOTA says.
 */
export function convertDisk(context: Context, layout: OsctlContainer['source']['layout']): FollowUp[] {
  const { ledger } = context;
  const diskQuota = ledger.one('DISK_QUOTA', 'flag');
  const diskspace = ledger.one('DISKSPACE', 'limits');
  const isEnforced = layout === 'ploop' || diskQuota?.value.on !== false;
  const bytes = isEnforced && diskspace ? takeQuota(context, diskspace) : null;
  if (diskspace && !isEnforced) ledger.drop(diskspace.item, UNENFORCED);
  if (diskQuota) decideDiskQuota(context, diskQuota, { layout, isLimited: bytes !== null });
  const hasGrace = bytes !== null && diskspace !== undefined && isBelow(diskspace.value);
  convertOthers(context, { isEnforced, hasGrace });
  return bytes === null ? [] : [{ do: 'refquota', bytes: String(bytes) }];
}

/** Bytes, or null: no quota. Decides the item. */
function takeQuota({ config, ledger }: Context, { item, value }: Taken<'limits'>): bigint | null {
  const kib = finite(value.limit);
  const bytes = kib === null ? null : kib * 1024n;
  if (bytes === null || bytes >= LARGEST_BYTES) {
    ledger.drop(item, bytes === null ? 'sets no limit' : 'sets no limit: more than any pool holds');
    return null;
  }
  if (bytes === 0n) {
    ledger.drop(item, 'no quota: nothing fits into 0, which to refquota means no limit');
    return null;
  }
  const words = `refquota ${bytes} (${formatBytes(bytes)}), set by a follow-up`;
  if (isBelow(value)) {
    const soft = formatBytes((finite(value.barrier) ?? 0n) * 1024n);
    ledger.approximate(item, `${words}; the soft limit of ${soft} and its grace time do not exist there`);
  } else {
    ledger.convert(item, words);
  }
  const used = usedBytes(config.facts);
  if (used > bytes) {
    ledger.warn(
      'QUOTA_BELOW_USED',
      `${formatBytes(used)} are used, and DISKSPACE is ${formatBytes(bytes)}: zfs refuses a refquota below what the data takes there`,
      item,
    );
  }
  return bytes;
}

interface Quota {
  readonly layout: OsctlContainer['source']['layout'];
  readonly isLimited: boolean;
}

function decideDiskQuota({ ledger }: Context, { item, value }: Taken<'flag'>, quota: Quota): void {
  if (quota.layout === 'ploop') ledger.drop(item, 'a ploop container has the size of its image');
  else if (!value.on) ledger.convert(item, 'no refquota');
  else ledger.convert(item, quota.isLimited ? 'refquota' : 'no refquota, as DISKSPACE sets no limit');
}

/** Keys without a counterpart, where that is no loss; in all other cases their rows say what it is. */
function convertOthers(
  { ledger }: Context,
  { isEnforced, hasGrace }: Record<'isEnforced' | 'hasGrace', boolean>,
) {
  if (!isEnforced) {
    for (const { item } of ledger.all('DISKINODES', 'limits')) ledger.drop(item, UNENFORCED);
    for (const { item } of ledger.all('QUOTAUGIDLIMIT', 'integer')) ledger.drop(item, UNENFORCED);
  }
  for (const { item } of ledger.all('QUOTATIME', 'integer')) {
    if (!isEnforced) ledger.drop(item, UNENFORCED);
    else if (hasGrace) ledger.drop(item, 'refquota has no soft limit and no grace time', 'minor');
    else ledger.drop(item, 'no soft limit, and so no grace time');
  }
  for (const { item, value } of ledger.all('IOPRIO', 'integer')) {
    // 0 is the lowest priority, not "none".
    if (value.number === USUAL_IOPRIO) ledger.drop(item, 'the usual priority');
    else ledger.drop(item, NO_COUNTERPART, 'minor');
  }
}

/** The soft limit is below the hard one. */
function isBelow({ barrier, limit }: Record<'barrier' | 'limit', Limit>): boolean {
  const [soft, hard] = [finite(barrier), finite(limit)];
  return soft !== null && (hard === null || soft < hard);
}

function usedBytes(facts: Facts | null): bigint {
  const [byQuota, byWalk] = [BigInt(facts?.usedBytes ?? 0), BigInt(facts?.deep?.sizeBytes ?? 0)];
  return byQuota > byWalk ? byQuota : byWalk;
}

function finite(limit: Limit): bigint | null {
  return limit === 'unlimited' ? null : BigInt(limit);
}

const UNENFORCED = 'not enforced on the source: DISK_QUOTA=no';
/** Above it nobody meant a quota; ZFS counts in 64 bits. */
const LARGEST_BYTES = 2n ** 63n;
const USUAL_IOPRIO = '4';
