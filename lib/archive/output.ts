import { ftruncate as fsFtruncate, write as fsWrite, writev as fsWritev } from 'node:fs';
import type { Writable } from 'node:stream';
import { promisify } from 'node:util';
import type { PatchableFile } from '../bundle/file-writer.ts';
import { fileWriter, patchableOffset } from '../bundle/file-writer.ts';
import { MEMBER_LIMIT_BYTES } from '../bundle/header.ts';
import { DEFAULT_SEGMENT_BYTES, streamWriter } from '../bundle/stream-writer.ts';
import type { ArchiveWriter } from '../bundle/writer.ts';
import { EXIT, systemCode, VzError } from '../errors.ts';
import { openPending } from './pending-file.ts';

const ftruncate = promisify(fsFtruncate);
const write = promisify(fsWrite);
const writev = promisify(fsWritev);

export interface OutputOptions {
  /** undefined: stdout. */
  readonly path: string | undefined;
  /** undefined: 8 MiB in a pipe, as large as a member may be in a file. */
  readonly segmentBytes: number | undefined;
  readonly stdout: Writable;
  readonly stdoutFd: number;
  readonly mtime: Date;
  readonly signal: AbortSignal;
}

interface BufferedFile extends PatchableFile {
  /** Waits until all that was appended is written. */
  readonly flush: () => Promise<void>;
}

export interface Output {
  readonly writer: ArchiveWriter;
  readonly commit: () => Promise<void>;
  readonly discard: () => Promise<void>;
}

/**
 * Chooses how the archive is written: one member per payload into a regular file, segments into anything else. A file
 * that is cut short is no archive either, since metadata.yml comes last.
 */
export async function openOutput(options: OutputOptions): Promise<Output> {
  const { path, segmentBytes, stdout, stdoutFd, mtime, signal } = options;
  const open = (fd: number, offset: number, where: string) => {
    const file = patchableFile(fd, offset, where);
    return { file, writer: fileWriter(file, segmentBytes ?? MEMBER_LIMIT_BYTES, mtime) };
  };
  if (path !== undefined) {
    const pending = await openPending(path);
    const { file, writer } = open(pending.fd, 0, path);
    return { writer, commit: () => file.flush().then(pending.commit), discard: pending.discard };
  }
  const offset = await patchableOffset(stdoutFd);
  if (offset !== undefined) {
    const { file, writer } = open(stdoutFd, offset, 'stdout');
    return { writer, commit: () => file.flush().then(() => truncateHere(stdoutFd)), discard: async () => {} };
  }
  const writer = streamWriter(stdout, { segmentBytes: segmentBytes ?? DEFAULT_SEGMENT_BYTES, mtime, signal });
  return { writer, commit: async () => {}, discard: async () => {} };
}

/** An open file that headers can be patched in. `where` names it in errors. */
function patchableFile(fd: number, startOffset: number, where: string): BufferedFile {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let inFlight: Promise<void> = Promise.resolve();
  const startWrite = async (): Promise<void> => {
    await inFlight;
    inFlight = writeAll(fd, pending, where);
    // Whoever waits for it next sees the error; until then it must not count as unhandled.
    inFlight.catch(() => {});
    pending = [];
    pendingBytes = 0;
  };
  const flush = async (): Promise<void> => {
    await startWrite();
    await inFlight;
  };
  return {
    startOffset,
    append: async (data) => {
      pending.push(data);
      pendingBytes += data.length;
      if (pendingBytes >= BATCH_BYTES) await startWrite();
    },
    patch: async (data, offset) => {
      await flush();
      await guarded(where, async () => void (await write(fd, data, 0, data.length, offset)));
    },
    flush,
  };
}

/** `1<>old.tar`: what was longer before must not stand behind the archive. */
async function truncateHere(fd: number): Promise<void> {
  const end = await patchableOffset(fd);
  if (end !== undefined) await guarded('stdout', () => ftruncate(fd, end));
}

/** Appends all of it, at the file's own position. */
async function writeAll(fd: number, chunks: readonly Buffer[], where: string): Promise<void> {
  let rest = [...chunks];
  while (rest.length > 0) {
    let { bytesWritten } = await guarded(where, () => writev(fd, rest.slice(0, IOV_MAX)));
    while (rest[0] && bytesWritten >= rest[0].length) {
      bytesWritten -= rest[0].length;
      rest = rest.slice(1);
    }
    if (rest[0] && bytesWritten > 0) rest[0] = rest[0].subarray(bytesWritten);
  }
}

async function guarded<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const space = systemCode(cause) === 'ENOSPC';
    throw new VzError(space ? 'NO_SPACE' : 'OUTPUT', {
      exit: EXIT.io,
      where,
      what: space ? 'no space left' : `cannot be written (${systemCode(cause) ?? String(cause)})`,
      cause,
    });
  }
}

/** One system call for so much: a call for each 64 KiB that a pipe gives would cost a third of the rate. */
const BATCH_BYTES = 1024 * 1024;
/** Linux takes so many buffers in one writev(2). */
const IOV_MAX = 1024;
