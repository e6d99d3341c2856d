import type { PayloadSink } from '../bundle/writer.ts';
import type { Log } from '../cli/log.ts';
import { formatBytes, formatDuration } from '../cli/units.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import type { Packing } from './packer.ts';
import { pack } from './packer.ts';

/** How long the container will be down, as far as this node is concerned. */
export interface Estimate {
  readonly downtimeMs: number;
  readonly text: string;
}

/**
 * Packs the first 64 MiB into nothing, as all will be packed, and measures: the rate of the node's disks, tar, gzip and the
 * link together.
 */
export async function estimateDowntime(
  host: Host,
  options: Packing & { readonly signal: AbortSignal },
  usedBytes: number,
): Promise<Estimate> {
  const startedMs = performance.now();
  await pack(host, { ...options, limitBytes: SAMPLE_BYTES, onMessage: () => {} }, NOWHERE);
  const elapsedMs = Math.max(1, performance.now() - startedMs);
  const bytesPerMs = Math.min(SAMPLE_BYTES, Math.max(usedBytes, 1)) / elapsedMs;
  const downtimeMs = usedBytes / bytesPerMs + STOP_START_MS;
  const rate = `${formatBytes(Math.round(bytesPerMs * 1000))}/s`;
  return {
    downtimeMs,
    text: `about ${formatDuration(downtimeMs)} (${formatBytes(usedBytes)} at ${rate}; longer if the reader is slower)`,
  };
}

/** With a snapshot, how much there is to copy does not matter. */
export function snapshotDowntime(): Estimate {
  return {
    downtimeMs: STOP_START_MS,
    text: `about ${formatDuration(STOP_START_MS)} (stop, snapshot, start, however large it is)`,
  };
}

/** Says how long the container will be down, and refuses (78) when that is longer than promised. */
export function announceDowntime(
  { downtimeMs, text }: Estimate,
  { maxDowntimeMs, where, log }: AnnounceOptions,
): void {
  const advice = downtimeMs >= LONG_DOWNTIME_MS ? '; --no-consistent packs it while it runs' : '';
  log.info(`${where}: will be stopped for ${text}${advice}`);
  if (maxDowntimeMs === undefined || downtimeMs <= maxDowntimeMs) return;
  throw new VzError('DOWNTIME_TOO_LONG', {
    exit: EXIT.refused,
    where,
    what: `would be down for ${text}, more than --max-downtime ${formatDuration(maxDowntimeMs)}`,
    hint: 'nothing was stopped; --no-consistent packs it while it runs',
  });
}

export interface AnnounceOptions {
  readonly maxDowntimeMs: number | undefined;
  readonly where: string;
  readonly log: Log;
}

const NOWHERE: PayloadSink = { write: async () => {}, end: async () => {} };
/** vzctl stop and start themselves: halt, init scripts, mounting. */
const STOP_START_MS = 10_000;
const SAMPLE_BYTES = 64 * 1024 * 1024;
/** Customers notice. */
const LONG_DOWNTIME_MS = 5 * 60_000;
