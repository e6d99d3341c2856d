import { CONTAINER_MEMBER, END_MEMBER, encodeEnd } from '../bundle/end.ts';
import { DEFAULT_SEGMENT_BYTES, streamWriter } from '../bundle/stream-writer.ts';
import type { Io } from '../cli/io.ts';
import type { ProgressMode } from '../cli/progress.ts';
import { Progress } from '../cli/progress.ts';
import { formatBytes, formatDuration } from '../cli/units.ts';
import type { OsctlContainer } from '../documents/documents.ts';
import { EXIT, VzError } from '../errors.ts';
import type { CompressionOptions } from '../export/compressor.ts';
import { chooseCompressor, describeCompressor } from '../export/compressor.ts';
import { removeDead } from '../export/dead-snapshots.ts';
import { localCompressors } from '../export/gzip.ts';
import { openSource } from '../export/open-source.ts';
import { refuseOffline } from '../export/refuse-offline.ts';
import { watchStall } from '../export/stall.ts';
import { letGuardGo, requireUnchanged, takeGuard } from '../export/take-guard.ts';
import { snapshotName } from '../export/zfs-snapshots.ts';
import { memberPrefix } from './datasets.ts';
import { dryRun, isGzipped, sendFlags } from './plan.ts';
import type { ZfsPreflight } from './preflight.ts';
import { preflight } from './preflight.ts';
import type { Transfer } from './transfer.ts';
import { transfer } from './transfer.ts';
import type { TransferPlan } from './transfer-plan.ts';

export interface ZfsExportOptions extends CompressionOptions {
  /** A running container is stopped for the moment of the second snapshot; false: what it was while it ran. */
  readonly consistent: boolean;
  readonly maxDowntimeMs: number | undefined;
  /** A reader that takes nothing for so long ends the run; undefined: it may take its time. */
  readonly stallMs: number | undefined;
  /** How long to wait for vzctl's lock. */
  readonly waitMs: number;
  readonly progress: ProgressMode;
  readonly dryRun: boolean;
  /** Seconds without a beat after which the guard starts the container. */
  readonly guardSeconds: number;
}

/**
 * Sends a container's datasets as a bundle stream to `io.stdout`: all of it while it runs, and what has changed since once
 * it was stopped, snapshotted and started again. However it ends, a container that was running is running again, the
 * snapshots are gone, and the trailer is written only when the copy is whole. Throws VzError: see `preflight`, Guard and
 * `transfer`; 78 when the downtime would be longer than `maxDowntimeMs`.
 */
export async function exportZfs(document: OsctlContainer, options: ZfsExportOptions, io: Io): Promise<void> {
  const { ctid, source } = document;
  refuseOffline(document, 'a snapshot would be written to its pool');
  const host = openSource(source.host, io.log);
  const where = `ct ${ctid}`;
  const found = await preflight(host, document, io.signal);
  const stops = found.running && options.consistent;
  const plan = await makePlan(document, found, options, stops);
  const warnings = [...found.warnings, ...plan.warnings];
  for (const warning of warnings) io.log.warning(`${where}: ${warning}`);
  announce(stops, options, where, io);
  if (options.dryRun) {
    io.stdout.write(dryRunOf(plan, found, source.host));
    return;
  }
  if (plan.datasets.some(({ gzip }) => gzip))
    io.log.detail(`${where}: ${describeCompressor(plan.compressor)}`);
  const guardOptions = {
    ctid,
    lockDir: found.node.lockDir,
    limitSeconds: options.guardSeconds,
    maxDowntimeMs: options.maxDowntimeMs ?? 0,
  };
  // Also for a container that is not stopped: the guard owns the end of the snapshots.
  const guard = await takeGuard(host, guardOptions, options.waitMs, io);
  if (guard.recovered) {
    await letGuardGo(guard, host, guardOptions, io);
    io.log.warning(`${where}: a dead run had left it stopped; it was started again, and is looked at anew`);
    return exportZfs(document, options, io);
  }
  const writer = streamWriter(io.stdout, {
    segmentBytes: DEFAULT_SEGMENT_BYTES,
    mtime: new Date(),
    signal: io.signal,
  });
  const startedMs = performance.now();
  const onLost = (): void => io.abort(guard.lost.reason);
  guard.lost.addEventListener('abort', onLost);
  const progress = new Progress({ log: io.log, mode: options.progress, what: where });
  const stopWatching = watch(options.stallMs, where, io);
  let result: Transfer;
  try {
    await requireUnchanged(host, ctid, found.running, io.signal);
    await removeDead(host, plan, io);
    await writer.member(CONTAINER_MEMBER, Buffer.from(`${JSON.stringify(document)}\n`));
    result = await transfer({ host, guard, plan, writer, progress, io });
    io.signal.throwIfAborted();
  } finally {
    progress.stop();
    stopWatching();
    guard.lost.removeEventListener('abort', onLost);
    await letGuardGo(guard, host, guardOptions, io);
  }
  const end = { payloads: [...result.payloads], warnings: [...warnings, ...result.warnings] };
  await writer.member(END_MEMBER, encodeEnd({ kind: 'bundle-end', ...end }));
  await writer.end();
  io.log.info(`${where}: ${summary(result, performance.now() - startedMs)}`);
}

async function makePlan(
  { ctid, source }: OsctlContainer,
  { dataset, datasets, node }: ZfsPreflight,
  options: ZfsExportOptions,
  stops: boolean,
): Promise<TransferPlan & { readonly warnings: readonly string[] }> {
  const known = node.programs.zfsSend;
  const flags = sendFlags(known, source.compressedSend);
  const now = new Date();
  const lacksCompressed = source.compressedSend && !known.includes('c');
  return {
    ctid,
    dataset,
    stops,
    flags,
    datasets: datasets.map(({ name, compression }) => ({
      dataset: name,
      prefix: memberPrefix(dataset, name),
      gzip: isGzipped(options.compression, { flags, property: compression }),
    })),
    gzipOfOthers: isGzipped(options.compression, { flags, property: 'off' }),
    compressor: chooseCompressor(await localCompressors(), { ...options, compression: 'gzip' }),
    base: snapshotName(ctid, 'base', now),
    last: snapshotName(ctid, 'last', now),
    estimates: known.includes('n') && known.includes('P'),
    waitMs: options.waitMs,
    warnings: lacksCompressed ? ["the node's zfs send has no -c: blocks are not sent compressed"] : [],
  };
}

function dryRunOf(
  plan: TransferPlan,
  { dataset }: ZfsPreflight,
  host: OsctlContainer['source']['host'],
): string {
  return dryRun({ ...plan, host, dataset, streams: plan.datasets });
}

/** Says how long the container will be down, and refuses when that is longer than promised. */
function announce(stops: boolean, { maxDowntimeMs }: ZfsExportOptions, where: string, io: Io): void {
  if (!stops) return;
  const about = `about ${formatDuration(DOWNTIME_MS)} (stop, one snapshot, start; whatever its size)`;
  io.log.info(`${where}: will be stopped for ${about}, once its data was sent`);
  if (maxDowntimeMs === undefined || DOWNTIME_MS <= maxDowntimeMs) return;
  throw new VzError('DOWNTIME_TOO_LONG', {
    exit: EXIT.refused,
    where,
    what: `would be down for ${about}, more than --max-downtime ${formatDuration(maxDowntimeMs)}`,
    hint: 'nothing was stopped',
  });
}

function watch(stallMs: number | undefined, where: string, { stdout, abort }: Io): () => void {
  if (stallMs === undefined) return () => {};
  const why = 'while snapshots are kept';
  return watchStall({ output: stdout, stallMs, counts: () => true, why, abort }, where);
}

function summary({ sentBytes, payloads, downtimeMs }: Transfer, elapsedMs: number): string {
  const written = payloads.reduce((sum, { bytes }) => sum + bytes, 0);
  const rate = formatBytes(Math.round((sentBytes / Math.max(1, elapsedMs)) * 1000));
  const down = downtimeMs === undefined ? '' : `; it was down for ${formatDuration(downtimeMs)}`;
  return `${formatBytes(sentBytes)} sent as ${formatBytes(written)} in ${formatDuration(elapsedMs)} (${rate}/s)${down}`;
}

/** vzctl stop and start themselves: halt, init scripts, mounting. A snapshot takes a second or two of a busy pool. */
const DOWNTIME_MS = 10_000;
