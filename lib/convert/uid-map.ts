import { usage } from '../cli/flags.ts';

/**
 * Checks a map of `ns:host:count` entries as osctld's config/user.yml holds them. Throws VzError USAGE (64) for other
 * text, ids past 32 bits, entries that overlap, and a map that gives the container the node's own root.
 */
export function readUidMap(entries: readonly string[]): string[] {
  const ranges = entries.map(readEntry);
  refuseOverlap(ranges, 'ns');
  refuseOverlap(ranges, 'host');
  return ranges.map(({ ns, host, count }) => `${ns}:${host}:${count}`);
}

interface Range {
  readonly ns: number;
  readonly host: number;
  readonly count: number;
}

function readEntry(text: string): Range {
  const [, ns, host, count] = (/^(\d{1,10}):(\d{1,10}):(\d{1,10})$/.exec(text) ?? []).map(Number);
  if (ns === undefined || host === undefined || count === undefined || count === 0) {
    throw usage(`--uid-map: expected NS:HOST:COUNT such as 0:666000:65536, got ${JSON.stringify(text)}`);
  }
  if (ns + count > ID_LIMIT || host + count > ID_LIMIT) {
    throw usage(`--uid-map: ${text} goes past the last id, ${ID_LIMIT - 1}`);
  }
  if (host === 0) throw usage(`--uid-map: ${text} makes root of the node a user of the container`);
  return { ns, host, count };
}

function refuseOverlap(ranges: readonly Range[], side: 'ns' | 'host'): void {
  const sorted = [...ranges].sort((a, b) => a[side] - b[side]);
  for (const [index, range] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next && next[side] < range[side] + range.count) {
      throw usage(`--uid-map: entries overlap at ${side === 'ns' ? 'container' : 'node'} id ${next[side]}`);
    }
  }
}

/** (uid_t)-1 is no id. */
const ID_LIMIT = 2 ** 32 - 1;
