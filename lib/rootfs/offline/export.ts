import { CONTAINER_MEMBER, END_MEMBER, encodeEnd } from '../../bundle/end.ts';
import { rawWriter } from '../../bundle/raw-writer.ts';
import { DEFAULT_SEGMENT_BYTES, streamWriter } from '../../bundle/stream-writer.ts';
import type { ArchiveWriter } from '../../bundle/writer.ts';
import type { Io } from '../../cli/io.ts';
import { Progress } from '../../cli/progress.ts';
import { formatBytes, formatDuration } from '../../cli/units.ts';
import type { OsctlContainer } from '../../documents/osctl-container.ts';
import type { OfflineSource } from '../../documents/source.ts';
import { EXIT, VzError } from '../../errors.ts';
import type { Compression } from '../../export/compress-at.ts';
import { chooseCompression } from '../../export/compress-at.ts';
import { localCompressors } from '../../export/gzip.ts';
import { localHost } from '../../host/local.ts';
import { probeNode } from '../../source/probe.ts';
import { inspectTree } from '../contents.ts';
import { dryRun } from '../dry-run.ts';
import type { ExportOptions } from '../export.ts';
import { PAYLOAD } from '../export.ts';
import { packTree } from '../pack-tree.ts';
import { tarCommand, withCheckpoints } from '../tar.ts';
import { deadTree } from './dead-tree.ts';
import { packVzdump } from './vzdump.ts';

/** What is packed, and how. */
export interface OfflineExport {
  readonly document: OsctlContainer;
  readonly options: ExportOptions;
  readonly compression: Compression;
  readonly io: Io;
}

/** Writes the payload. */
export interface Packed {
  /** Of the payload. */
  readonly bytes: number;
  /** Before it was packed. */
  readonly sizeBytes: number;
  readonly warnings: readonly string[];
}

/**
 * Packs the root filesystem of a container that no node runs: nothing is stopped or locked, and nothing is written but to
 * `io.stdout`. Throws VzError as `deadTree`, `inspectTree`, `packTree` and `packVzdump`.
 */
export async function exportOffline(
  document: OsctlContainer,
  source: OfflineSource,
  options: ExportOptions,
  io: Io,
): Promise<void> {
  const here = await localCompressors();
  const { compression, text } = chooseCompression({
    ...options,
    // Beside tar, where there is a tar.
    compressAt: source.from === 'vzdump' ? 'here' : options.compressAt,
    remote: null,
    source: here,
    here,
  });
  const where = `ct ${document.ctid}`;
  io.log.detail(`${where}: ${text}`);
  const request = { document, options, compression, io };
  const pack =
    source.from === 'dir'
      ? await prepareDead(request, source.prefix, text)
      : packVzdump(request, source.file);
  if (pack === null) return;
  const startedMs = performance.now();
  const { signal } = io;
  const writer = options.raw
    ? rawWriter(io.stdout, signal)
    : streamWriter(io.stdout, { segmentBytes: DEFAULT_SEGMENT_BYTES, mtime: new Date(), signal });
  await writer.member(CONTAINER_MEMBER, Buffer.from(`${JSON.stringify(document)}\n`));
  const { bytes, sizeBytes, warnings } = await pack(writer);
  for (const warning of warnings) io.log.warning(`${where}: ${warning}`);
  const payloads = [{ name: PAYLOAD, bytes }];
  await writer.member(END_MEMBER, encodeEnd({ kind: 'bundle-end', payloads, warnings: [...warnings] }));
  await writer.end();
  const took = formatDuration(performance.now() - startedMs);
  io.log.info(`${where}: ${formatBytes(sizeBytes)} packed into ${formatBytes(bytes)} in ${took}`);
}

type Pack = (writer: ArchiveWriter) => Promise<Packed>;

/** null: it was a dry run, and nothing is to be packed. */
async function prepareDead(
  { document, options, compression, io }: OfflineExport,
  prefix: string,
  choice: string,
): Promise<Pack | null> {
  const { ctid, source } = document;
  const { signal, log } = io;
  const tree = await deadTree(document, prefix);
  const node = source.facts?.node ?? (await probeNode(localHost, signal));
  const { tar } = node.programs;
  if (!tar) {
    throw new VzError('NO_TAR', { exit: EXIT.unavailable, where: 'this machine', what: 'no GNU tar here' });
  }
  const { path } = tree.plan;
  const plan = { tar: tarCommand(path, tar, [...options.excludes, ...tree.excludes]), compression };
  if (options.dryRun) {
    io.stdout.write(dryRun({ ctid, host: null, tree, pack: plan, choice, running: false, stops: false }));
    return null;
  }
  const progress = new Progress({ log, mode: options.progress, what: `ct ${ctid}` });
  const contents = await inspectTree({ host: localHost, document, node, tree, signal }, path);
  return async (writer) => {
    progress.expect(contents.sizeBytes);
    const bytes = await packTree({
      host: localHost,
      plan: progress.isShown ? { ...plan, tar: withCheckpoints(plan.tar) } : plan,
      progress,
      writer,
      payload: PAYLOAD,
      signal,
      changing: false,
      onRead: () => {},
      isDown: () => false,
      output: io.stdout,
      stallMs: options.stallMs,
      abort: io.abort,
      log,
      where: `ct ${ctid}`,
    }).finally(() => progress.stop());
    return { bytes, ...contents };
  };
}
