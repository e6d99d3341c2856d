import { formatBytes, formatDuration } from '../cli/units.ts';
import type { Host } from '../host/host.ts';
import type { PackerOptions } from './packer.ts';
import { startPacker } from './packer.ts';

/** How long the container will be down, as far as this node is concerned. */
export interface Estimate {
  readonly downtimeMs: number;
  readonly text: string;
}

/** vzctl stop and start themselves: halt, init scripts, mounting. */
const STOP_START_MS = 10_000;
const SAMPLE_BYTES = 64 * 1024 * 1024;

/** Packs the first 64 MiB into nothing and measures: the rate of this node's disks, tar and gzip together. */
export async function estimateDowntime(
  host: Host,
  options: Pick<PackerOptions, 'tar' | 'compressor' | 'signal'>,
  usedBytes: number,
): Promise<Estimate> {
  const startedMs = performance.now();
  const packer = startPacker(host, { ...options, limitBytes: SAMPLE_BYTES, onMessage: () => {} });
  packer.payload.resume();
  await packer.done;
  const elapsedMs = Math.max(1, performance.now() - startedMs);
  const bytesPerMs = Math.min(SAMPLE_BYTES, Math.max(usedBytes, 1)) / elapsedMs;
  const downtimeMs = usedBytes / bytesPerMs + STOP_START_MS;
  const rate = `${formatBytes(Math.round(bytesPerMs * 1000))}/s`;
  return {
    downtimeMs,
    text: `about ${formatDuration(downtimeMs)} (${formatBytes(usedBytes)} at ${rate}; longer if the reader is slower)`,
  };
}
