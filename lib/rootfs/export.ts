import { CONTAINER_MEMBER, END_MEMBER, encodeEnd } from '../bundle/end.ts';
import { rawWriter } from '../bundle/raw-writer.ts';
import { DEFAULT_SEGMENT_BYTES, streamWriter } from '../bundle/stream-writer.ts';
import type { Io } from '../cli/io.ts';
import { Progress, type ProgressMode } from '../cli/progress.ts';
import { formatBytes, formatDuration } from '../cli/units.ts';
import type { OsctlContainer } from '../documents/documents.ts';
import type { CompressAt } from '../export/compress-at.ts';
import { chooseCompression } from '../export/compress-at.ts';
import type { CompressionOptions } from '../export/compressor.ts';
import { removeDead } from '../export/dead-snapshots.ts';
import { localCompressors } from '../export/gzip.ts';
import { openSource } from '../export/open-source.ts';
import { letGuardGo, requireUnchanged, takeGuard } from '../export/take-guard.ts';
import type { Copied } from './copy.ts';
import { copyContainer } from './copy.ts';
import { dryRun } from './dry-run.ts';
import { announceDowntime, estimateDowntime, snapshotDowntime } from './estimate.ts';
import type { PackPlan } from './packer.ts';
import { preflight } from './preflight.ts';
import { tarCommand } from './tar.ts';

export interface ExportOptions extends CompressionOptions {
  /** A running container is stopped; false: read as it runs, or from a snapshot of it as it runs. */
  readonly consistent: boolean;
  /** Of a ploop container, where vzctl can. */
  readonly ploopSnapshot: boolean;
  readonly excludes: readonly string[];
  readonly compressAt: CompressAt;
  /** The bare `.tar.gz` instead of a bundle stream. */
  readonly raw: boolean;
  readonly maxDowntimeMs: number | undefined;
  /** While the container is down, a reader that takes nothing for so long ends the run. */
  readonly stallMs: number;
  /** How long to wait for vzctl's lock. */
  readonly waitMs: number;
  readonly progress: ProgressMode;
  readonly dryRun: boolean;
  /** Seconds without a beat after which the guard starts the container. */
  readonly guardSeconds: number;
}

/** Member name of the payload. */
export const PAYLOAD = 'rootfs/base.tar.gz';

/**
 * Packs a container's root filesystem into a bundle stream (or a bare `.tar.gz`) on `io.stdout`. However it ends, a
 * container that was running is running again, what was made to read it is gone, and the trailer is written only when
 * the copy is whole. Throws VzError: see `preflight`, Guard, `copyContainer`; 78 when the estimate exceeds `maxDowntimeMs`.
 */
export async function exportRootfs(document: OsctlContainer, options: ExportOptions, io: Io): Promise<void> {
  const host = openSource(document.source.host, io.log);
  const { signal, log } = io;
  const { ctid } = document;
  const where = `ct ${ctid}`;
  const { ploopSnapshot } = options;
  const found = await preflight(host, document, { ploopSnapshot, signal, log });
  const { tree, running } = found;
  const remote = document.source.host === null ? null : host.label;
  const here = await localCompressors();
  const source = found.node.programs.compressors;
  const { compression, text: choice } = chooseCompression({ ...options, remote, source, here });
  if (remote === null) log.detail(`${where}: ${choice}`);
  else log.info(`${where}: ${choice}`);
  const excludes = [...options.excludes, ...tree.excludes];
  const packing = (path: string): PackPlan => ({ tar: tarCommand(path, found.tar, excludes), compression });
  const stops = running && options.consistent;
  if (tree.about !== null) log.info(`${where}: ${tree.about}`);
  for (const warning of found.contents?.warnings ?? []) log.warning(`${where}: ${warning}`);
  if (running && !stops && tree.snapshot)
    log.info(`${where}: the snapshot is taken while it runs, as if its power had failed`);
  if (stops && tree.preview !== null) {
    const estimate = tree.snapshot
      ? snapshotDowntime()
      : await estimateDowntime(host, { ...packing(tree.preview), signal }, found.contents?.sizeBytes ?? 0);
    announceDowntime(estimate, { maxDowntimeMs: options.maxDowntimeMs, where, log });
  }
  if (options.dryRun) {
    io.stdout.write(
      dryRun({
        ctid,
        host: document.source.host,
        tree,
        pack: packing(tree.plan.path),
        choice,
        running,
        stops,
      }),
    );
    return;
  }
  const guardOptions = {
    ctid,
    lockDir: found.node.lockDir,
    limitSeconds: options.guardSeconds,
    maxDowntimeMs: options.maxDowntimeMs ?? 0,
  };
  // A container that only goes on running needs no guard; any other is locked from here on.
  const unguarded = running && !stops && tree.snapshot === null;
  const guard = unguarded ? null : await takeGuard(host, guardOptions, options.waitMs, io);
  if (guard?.recovered) {
    await letGuardGo(guard, host, guardOptions, io);
    log.warning(`${where}: a dead run had left it stopped; it was started again, and is looked at anew`);
    return exportRootfs(document, options, io);
  }
  const writer = options.raw
    ? rawWriter(io.stdout, signal)
    : streamWriter(io.stdout, { segmentBytes: DEFAULT_SEGMENT_BYTES, mtime: new Date(), signal });
  const progress = new Progress({ log, mode: options.progress, what: where });
  let copied: Copied;
  try {
    if (guard) await requireUnchanged(host, ctid, running, signal);
    if (guard && tree.dataset !== null) await removeDead(host, { ctid, dataset: tree.dataset }, io);
    await writer.member(CONTAINER_MEMBER, Buffer.from(`${JSON.stringify(document)}\n`));
    const { stallMs } = options;
    copied = await copyContainer({
      host,
      document,
      io,
      found,
      packing,
      writer,
      guard,
      stops,
      stallMs,
      payload: PAYLOAD,
      progress,
    });
  } finally {
    progress.stop();
    if (guard) await letGuardGo(guard, host, guardOptions, io);
  }
  const payloads = [{ name: PAYLOAD, bytes: copied.bytes }];
  const warnings = [...copied.contents.warnings];
  await writer.member(END_MEMBER, encodeEnd({ kind: 'bundle-end', payloads, warnings }));
  await writer.end();
  log.info(`${where}: ${summary(copied)}`);
}

function summary({ bytes, elapsedMs, downtimeMs, contents: { sizeBytes } }: Copied): string {
  const rate = formatBytes(Math.round((sizeBytes / Math.max(1, elapsedMs)) * 1000));
  const down = downtimeMs === undefined ? '' : `; it was down for ${formatDuration(downtimeMs)}`;
  return `${formatBytes(sizeBytes)} packed into ${formatBytes(bytes)} in ${formatDuration(elapsedMs)} (${rate}/s)${down}`;
}
