import { formatBytes } from '../cli/units.ts';
import type { CgroupParameter } from '../documents/container-yml.ts';
import type { Limit } from '../documents/source.ts';
import { X86_PAGE_BYTES } from '../vz/value.ts';
import type { Context } from './context.ts';
import type { Taken } from './ledger.ts';
import { memoryParameters } from './memory-parameters.ts';

/** Bytes, or null: no limit. */
type Bytes = bigint | null;

/**
 * The limits of memory and swap, for both cgroup versions.
 *
 * vzctl's VSwap test decides which keys count: with a finite PHYSPAGES limit it is the RAM and SWAPPAGES the swap.
 * Else (a classic beancounter config, where `PHYSPAGES="0:unlimited"` means accounting only) the RAM is the limit of
 * PRIVVMPAGES, or the barrier of VMGUARPAGES where PRIVVMPAGES has none.
 *
 * - "No limit" leaves the entries out: 0 would be a limit of zero.
 * - More than the source node has, and zero, are no limits: nobody could have meant them.
 * - Swap is limited only where SWAPPAGES is a number.
 */
export function convertMemory(context: Context): CgroupParameter[] {
  const physpages = context.ledger.one('PHYSPAGES', 'limits');
  const isVswap = physpages !== undefined && pagesOf(physpages.value.limit) !== null;
  const memory = isVswap ? vswapMemory(physpages, context) : beancounterMemory(physpages, context);
  for (const { item, value } of context.ledger.all('VM_OVERCOMMIT', 'text')) {
    if (Number(value.text) === 0) context.ledger.drop(item, 'sets no limit');
  }
  const swap = convertSwap(memory, isVswap, context);
  return memory === null ? [] : memoryParameters(memory, swap);
}

function vswapMemory(physpages: Taken<'limits'>, context: Context): Bytes {
  const { ledger } = context;
  for (const key of ['PRIVVMPAGES', 'VMGUARPAGES']) {
    for (const { item } of ledger.all(key, 'limits')) ledger.drop(item, 'VSwap: PHYSPAGES is the limit');
  }
  return takeLimit(physpages, physpages.value.limit, context);
}

function beancounterMemory(physpages: Taken<'limits'> | undefined, context: Context): Bytes {
  const { ledger } = context;
  const privvmpages = ledger.one('PRIVVMPAGES', 'limits');
  const vmguarpages = ledger.one('VMGUARPAGES', 'limits');
  if (physpages) ledger.convert(physpages.item, 'no limit, accounting only');
  if (privvmpages && pagesOf(privvmpages.value.limit) !== null) {
    if (vmguarpages) ledger.drop(vmguarpages.item, 'a guarantee, which sets no limit beside PRIVVMPAGES');
    return takeLimit(privvmpages, privvmpages.value.limit, context);
  }
  if (privvmpages) ledger.convert(privvmpages.item, 'no limit');
  if (!vmguarpages) return null;
  const guarantee = pagesOf(vmguarpages.value.barrier);
  if (guarantee === null || guarantee === 0n) {
    ledger.convert(vmguarpages.item, 'no limit');
    return null;
  }
  const memory = takeLimit(vmguarpages, vmguarpages.value.barrier, context);
  if (memory !== null) {
    ledger.warn(
      'MEMORY_FROM_GUARANTEE',
      `no limit of memory but a guarantee: ${formatBytes(memory)} of VMGUARPAGES become the limit`,
      vmguarpages.item,
    );
  }
  return memory;
}

/** Consumes the item that gives the RAM, unless nobody could have meant it. */
function takeLimit({ item }: Taken<'limits'>, limit: Limit, { config, ledger }: Context): Bytes {
  const pages = pagesOf(limit) ?? 0n;
  const bytes = pages * pageSizeOf(config.facts);
  const node = nodeMemory(config.facts);
  const isAbsurd = node === null ? bytes > (item.key === 'PHYSPAGES' ? LARGEST : ABSURD_BYTES) : bytes > node;
  if (bytes === 0n || isAbsurd || bytes > LARGEST) {
    const why = bytes === 0n ? 'zero' : `more than ${node === null ? 'any node has' : 'the node has'}`;
    ledger.convert(item, `no limit: ${formatBytes(bytes)} is ${why}`);
    ledger.warn('MEMORY_UNLIMITED', `${item.key} of ${formatBytes(bytes)} is ${why}: no limit is set`, item);
    return null;
  }
  ledger.convert(item, `memory.max ${formatBytes(bytes)}`);
  if (bytes < TINY_BYTES) {
    ledger.warn(
      'MEMORY_TINY',
      `${formatBytes(bytes)} of memory may be too little for the guest to start`,
      item,
    );
  }
  return bytes;
}

function convertSwap(memory: Bytes, isVswap: boolean, { config, ledger }: Context): Bytes {
  const swappages = ledger.one('SWAPPAGES', 'limits');
  if (!swappages) {
    if (isVswap)
      ledger.warn('SWAP_UNLIMITED', 'SWAPPAGES, which VSwap requires, is missing: swap is not limited');
    return null;
  }
  const { item, value } = swappages;
  const pages = pagesOf(value.limit);
  if (pages === null) {
    ledger.convert(item, 'no limit');
    return null;
  }
  if (memory === null) {
    ledger.drop(item, 'swap is not limited where memory is not');
    return null;
  }
  const bytes = pages * pageSizeOf(config.facts);
  if (memory + bytes > LARGEST) {
    ledger.convert(item, 'no limit: more than any node has');
    return null;
  }
  ledger.convert(item, `memory.swap.max ${formatBytes(bytes)}`);
  return bytes;
}

/** null for "no limit", which is also written as LONG_MAX of 64 and of 32 bits (vzctl's is_vswap_config). */
function pagesOf(limit: Limit): bigint | null {
  if (limit === 'unlimited') return null;
  const pages = BigInt(limit);
  return pages >= LONG_MAX || pages === INT_MAX ? null : pages;
}

/** null: not known. The probe says 0 of a node that does not tell. */
function nodeMemory(facts: Context['config']['facts']): Bytes {
  const bytes = BigInt(facts?.node.memoryBytes ?? 0);
  return bytes === 0n ? null : bytes;
}

function pageSizeOf(facts: Context['config']['facts']): bigint {
  return BigInt(facts?.node.pageSize ?? X86_PAGE_BYTES);
}

const LONG_MAX = 2n ** 63n - 1n;
const INT_MAX = 2n ** 31n - 1n;
/** What a JSON number holds; more is no limit on any machine. */
const LARGEST = BigInt(Number.MAX_SAFE_INTEGER);
/** Where the node's memory is not known: panels write PRIVVMPAGES of a TiB for "just stop failing". */
const ABSURD_BYTES = 512n * 2n ** 30n;
/** Samples of 2005 allow 33 MiB; a guest of any later year needs more to boot. */
const TINY_BYTES = 64n * 2n ** 20n;
