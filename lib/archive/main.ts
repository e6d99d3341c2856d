import type { ArchiveWriter } from '../bundle/writer.ts';
import type { Flags } from '../cli/flags.ts';
import { usage } from '../cli/flags.ts';
import type { Io } from '../cli/io.ts';
import { counted, openProgress, type Progress, regularFileBytes } from '../cli/progress.ts';
import { parseSize } from '../cli/units.ts';
import type { ExitCode } from '../errors.ts';
import { EXIT } from '../errors.ts';
import { verifyArchiveFile } from '../osctl/verify-main.ts';
import type { PayloadFile } from './bare.ts';
import { bundlePayloads } from './bare.ts';
import { buildArchive } from './build.ts';
import { readDocumentFile, readInput } from './input.ts';
import { openOutput } from './output.ts';
import { describePayloads, isPayloadName } from './payloads.ts';
import { writeSkel } from './skel.ts';

/** The program osctl-bundle. */
export async function osctlBundle(flags: Flags, io: Io): Promise<ExitCode> {
  const toVerify = flags.text('verify');
  const progress = openProgress(flags, io, toVerify === undefined ? 'archived' : 'verified');
  try {
    return toVerify === undefined
      ? await makeArchive(flags, io, progress)
      : await verifyArchiveFile(toVerify, io, progress);
  } finally {
    progress.stop();
  }
}

async function makeArchive(flags: Flags, io: Io, progress: Progress): Promise<ExitCode> {
  const target = { path: outputPath(flags, io), segmentBytes: segmentBytes(flags) };
  const write = await chooseWork(flags, io, progress);
  const output = await openOutput({
    ...target,
    stdout: io.stdout,
    stdoutFd: STDOUT_FD,
    mtime: new Date(),
    signal: io.signal,
  });
  try {
    await write(output.writer);
    io.signal.throwIfAborted();
    await output.commit();
  } catch (error) {
    await output.discard();
    throw error;
  }
  return EXIT.ok;
}

type Work = (writer: ArchiveWriter) => Promise<void>;

/** Reads enough of the input to know what is asked for, before any output is made. */
async function chooseWork(flags: Flags, io: Io, progress: Progress): Promise<Work> {
  const path = flags.text('container');
  const payloads = flags.list('payload').map(parsePayload);
  refuseRepeated(payloads);
  if (path === undefined && payloads.length > 0) throw usage('--payload: only with --container');
  if (path === undefined && io.stdinIsTty)
    throw usage('expected a bundle stream on stdin, which is a terminal');
  const input =
    path === undefined
      ? await readInput(io)
      : { kind: 'document' as const, document: await readDocumentFile(path, io) };
  if (input.kind === 'bundle') {
    if (flags.on('skel')) throw usage('--skel: expected a document on stdin, not a bundle stream');
    const size = regularFileBytes(io.stdin);
    if (size !== null) progress.expect(size);
    return (writer) => buildArchive(counted(input.bytes, progress), writer, new Date());
  }
  if (flags.on('skel')) return (writer) => writeSkel(input.document, writer, new Date());
  if (payloads.length === 0) {
    throw usage(
      'a document without data',
      'pipe it through vz-rootfs-tar or vz-zfs-stream, or give --container and --payload, or --skel',
    );
  }
  describePayloads(payloads.map(({ name }) => name));
  return (writer) => bundlePayloads(input.document, payloads, { writer, log: io.log, progress });
}

function refuseRepeated(payloads: readonly PayloadFile[]): void {
  const names = payloads.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw usage(`--payload: ${repeated} is given twice`);
}

function parsePayload(text: string): PayloadFile {
  const equals = text.indexOf('=');
  const name = text.slice(0, equals);
  const path = text.slice(equals + 1);
  if (equals < 1 || path === '') throw usage(`--payload: expected NAME=FILE, got ${JSON.stringify(text)}`);
  if (!isPayloadName(name))
    throw usage(
      `--payload: ${JSON.stringify(name)} is no name that osctld knows`,
      'for a root filesystem: rootfs/base.tar.gz=FILE',
    );
  return { name, path };
}

function outputPath(flags: Flags, io: Io): string | undefined {
  const path = flags.text('output');
  if (path !== undefined && path !== '-') return path;
  if (io.stdoutIsTty) throw usage('stdout is a terminal', 'redirect it, or use -o FILE');
  return undefined;
}

/** A segment is held in memory, and less than a block makes no sense. */
function segmentBytes(flags: Flags): number | undefined {
  const text = flags.text('segment-size');
  if (text === undefined) return undefined;
  const size = parseSize(text);
  if (size === undefined || size < 512 || size > SEGMENT_LIMIT_BYTES) {
    throw usage(`--segment-size: expected 512 bytes to 64M, got ${JSON.stringify(text)}`);
  }
  return size;
}

const STDOUT_FD = 1;
const SEGMENT_LIMIT_BYTES = 64 * 1024 * 1024;
