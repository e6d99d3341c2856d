import { CONTAINER_MEMBER, END_MEMBER, encodeEnd } from '../bundle/end.ts';
import { rawWriter } from '../bundle/raw-writer.ts';
import { DEFAULT_SEGMENT_BYTES, streamWriter } from '../bundle/stream-writer.ts';
import type { ArchiveWriter } from '../bundle/writer.ts';
import type { Io } from '../cli/io.ts';
import { formatBytes, formatDuration } from '../cli/units.ts';
import type { OsctlContainer } from '../documents/documents.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Guard } from '../guard/guard.ts';
import type { Host } from '../host/host.ts';
import { openHost } from '../host/open.ts';
import type { CompressionOptions } from './compressor.ts';
import { chooseCompressor, describeCompressor } from './compressor.ts';
import type { Estimate } from './estimate.ts';
import { estimateDowntime } from './estimate.ts';
import type { PackTreeOptions } from './pack-tree.ts';
import { packTree } from './pack-tree.ts';
import type { PackerOptions } from './packer.ts';
import { packScript } from './packer.ts';
import type { Preflight } from './preflight.ts';
import { preflight } from './preflight.ts';
import { letGuardGo, requireUnchanged, takeGuard } from './take-guard.ts';
import { tarCommand } from './tar.ts';

export interface ExportOptions extends CompressionOptions {
  /** A running container is stopped, packed and started again; false: packed as it runs. */
  readonly consistent: boolean;
  readonly excludes: readonly string[];
  /** The bare `.tar.gz` instead of a bundle stream. */
  readonly raw: boolean;
  readonly maxDowntimeMs: number | undefined;
  /** While the container is down, a reader that takes nothing for so long ends the run. */
  readonly stallMs: number;
  /** How long to wait for vzctl's lock. */
  readonly waitMs: number;
  readonly dryRun: boolean;
  /** Seconds without a beat after which the guard starts the container. */
  readonly guardSeconds: number;
}

const PAYLOAD = 'rootfs/base.tar.gz';

/**
 * Packs a simfs container's root filesystem into a bundle stream (or a bare `.tar.gz`) on `io.stdout`. However it ends,
 * a container that was running is running again, and the trailer is written only when the copy is whole.
 * Throws VzError: see `preflight`, Guard and `packTree`; 78 when the estimate exceeds `maxDowntimeMs`.
 */
export async function exportRootfs(document: OsctlContainer, options: ExportOptions, io: Io): Promise<void> {
  const host = openHost(document.source.host);
  const { signal } = io;
  const found = await preflight(host, document, signal);
  const compressor = chooseCompressor(found.node.programs.compressors, options);
  const plan = { tar: tarCommand(found.privatePath, found.tar, options.excludes), compressor, signal };
  const where = `ct ${document.ctid}`;
  for (const warning of found.warnings) io.log.warning(`${where}: ${warning}`);
  const stops = found.running && options.consistent;
  const estimate = stops ? await estimateDowntime(host, plan, Number(found.tree.sizeBytes)) : undefined;
  if (estimate) announce(estimate, options, where, io);
  if (options.dryRun) {
    io.stdout.write(dryRun(document.ctid, plan, stops));
    return;
  }
  io.log.detail(`${where}: ${packScript(plan)} (${describeCompressor(compressor)})`);
  const guardOptions = {
    ctid: document.ctid,
    lockDir: found.node.lockDir,
    limitSeconds: options.guardSeconds,
    maxDowntimeMs: options.maxDowntimeMs ?? 0,
  };
  // A container that goes on running needs no guard; any other is locked from here on.
  const guard = found.running && !stops ? undefined : await takeGuard(host, guardOptions, options.waitMs, io);
  if (guard?.recovered) {
    await letGuardGo(guard, host, guardOptions, io);
    io.log.warning(`${where}: a dead run had left it stopped; it was started again, and is looked at anew`);
    return exportRootfs(document, options, io);
  }
  const writer = options.raw
    ? rawWriter(io.stdout, signal)
    : streamWriter(io.stdout, { segmentBytes: DEFAULT_SEGMENT_BYTES, mtime: new Date(), signal });
  const run = { host, document, options, io, found, plan, writer };
  let result: Result;
  try {
    if (guard) await requireUnchanged(host, document.ctid, found.running, signal);
    await writer.member(CONTAINER_MEMBER, Buffer.from(`${JSON.stringify(document)}\n`));
    result = guard ? await packGuarded(guard, stops, run) : await packRunning(run);
  } finally {
    if (guard) await letGuardGo(guard, host, guardOptions, io);
  }
  await writer.member(
    END_MEMBER,
    encodeEnd({
      kind: 'bundle-end',
      payloads: [{ name: PAYLOAD, bytes: result.bytes }],
      warnings: [...found.warnings],
    }),
  );
  await writer.end();
  io.log.info(`${where}: ${summary(result, Number(found.tree.sizeBytes))}`);
}

interface Run {
  readonly host: Host;
  readonly document: OsctlContainer;
  readonly options: ExportOptions;
  readonly io: Io;
  readonly found: Preflight;
  readonly plan: Pick<PackerOptions, 'tar' | 'compressor'>;
  readonly writer: ArchiveWriter;
}

interface Result {
  readonly bytes: number;
  readonly elapsedMs: number;
  readonly downtimeMs: number | undefined;
}

async function packRunning(run: Run): Promise<Result> {
  const startedMs = performance.now();
  const bytes = await packTree({ ...packOptions(run), changing: true });
  return { bytes, elapsedMs: performance.now() - startedMs, downtimeMs: undefined };
}

/** Under the lock; what is read counts only as long as the guard has not acted by itself. */
async function packGuarded(guard: Guard, stops: boolean, run: Run): Promise<Result> {
  const { io } = run;
  const startedMs = performance.now();
  const onLost = (): void => io.abort(guard.lost.reason);
  guard.lost.addEventListener('abort', onLost);
  try {
    const result = stops
      ? await packStopped(guard, run)
      : { bytes: await packTree(packOptions(run)), downtimeMs: undefined };
    io.signal.throwIfAborted();
    return { ...result, elapsedMs: performance.now() - startedMs };
  } finally {
    guard.lost.removeEventListener('abort', onLost);
  }
}

/** Stops the container, and starts it as soon as tar has read everything: the rest of the pipe needs it no more. */
async function packStopped(guard: Guard, run: Run): Promise<Pick<Result, 'bytes' | 'downtimeMs'>> {
  const { options, io, document } = run;
  const stoppedMs = performance.now();
  io.log.info(`ct ${document.ctid}: stopping`);
  await guard.stop();
  io.signal.throwIfAborted();
  let downtimeMs: number | undefined;
  let restart: Promise<void> | undefined;
  const bytes = await packTree({
    ...packOptions(run),
    stall: {
      output: io.stdout,
      stallMs: options.stallMs,
      isDown: () => downtimeMs === undefined,
      abort: io.abort,
    },
    onRead: () => {
      restart = guard.startAgain().then(() => {
        downtimeMs = performance.now() - stoppedMs;
      });
      restart.catch(() => {});
    },
  });
  await restart;
  return { bytes, downtimeMs };
}

function packOptions({ host, plan, writer, io, document }: Run): PackTreeOptions {
  const where = `ct ${document.ctid}`;
  return { host, plan, writer, payload: PAYLOAD, log: io.log, where, signal: io.signal, changing: false };
}

/** Says how long the container will be down, and refuses when that is longer than promised. */
function announce(estimate: Estimate, { maxDowntimeMs }: ExportOptions, where: string, io: Io): void {
  io.log.info(`${where}: will be stopped for ${estimate.text}`);
  if (maxDowntimeMs === undefined || estimate.downtimeMs <= maxDowntimeMs) return;
  throw new VzError('DOWNTIME_TOO_LONG', {
    exit: EXIT.refused,
    where,
    what: `would be down for ${estimate.text}, more than --max-downtime ${formatDuration(maxDowntimeMs)}`,
    hint: 'nothing was stopped',
  });
}

/** The run as lines to paste. */
function dryRun(ctid: string, plan: Pick<PackerOptions, 'tar' | 'compressor'>, stops: boolean): string {
  const { compressor } = plan;
  // gzip(1) knows no level 0.
  const gzip = compressor.kind === 'zlib' ? ` | gzip -${Math.max(1, compressor.level)}` : '';
  const pack = `${packScript(plan)}${gzip}`;
  const lines = [`${pack} > base.tar.gz`];
  return `${(stops ? [`vzctl stop ${ctid}`, ...lines, `vzctl start ${ctid}`] : lines).join('\n')}\n`;
}

function summary({ bytes, elapsedMs, downtimeMs }: Result, usedBytes: number): string {
  const rate = formatBytes(Math.round((usedBytes / Math.max(1, elapsedMs)) * 1000));
  const down = downtimeMs === undefined ? '' : `; it was down for ${formatDuration(downtimeMs)}`;
  return `${formatBytes(usedBytes)} packed into ${formatBytes(bytes)} in ${formatDuration(elapsedMs)} (${rate}/s)${down}`;
}
