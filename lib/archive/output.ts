import { write as fsWrite } from 'node:fs';
import type { Writable } from 'node:stream';
import { promisify } from 'node:util';
import type { PatchableFile } from '../bundle/file-writer.ts';
import { fileWriter, patchableOffset } from '../bundle/file-writer.ts';
import { MEMBER_LIMIT_BYTES } from '../bundle/header.ts';
import { DEFAULT_SEGMENT_BYTES, streamWriter } from '../bundle/stream-writer.ts';
import type { ArchiveWriter } from '../bundle/writer.ts';
import { EXIT, systemCode, VzError } from '../errors.ts';
import { openPending } from './pending-file.ts';

const write = promisify(fsWrite);

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
  if (path !== undefined) {
    const pending = await openPending(path);
    return {
      writer: fileWriter(patchableFile(pending.fd, 0, path), segmentBytes ?? MEMBER_LIMIT_BYTES, mtime),
      ...pending,
    };
  }
  const offset = await patchableOffset(stdoutFd);
  const writer =
    offset === undefined
      ? streamWriter(stdout, { segmentBytes: segmentBytes ?? DEFAULT_SEGMENT_BYTES, mtime, signal })
      : fileWriter(patchableFile(stdoutFd, offset, 'stdout'), segmentBytes ?? MEMBER_LIMIT_BYTES, mtime);
  return { writer, commit: async () => {}, discard: async () => {} };
}

/** An open file that headers can be patched in. `where` names it in errors. */
function patchableFile(fd: number, startOffset: number, where: string): PatchableFile {
  return {
    startOffset,
    append: (data) => writeAll(fd, data, null, where),
    patch: (data, offset) => writeAll(fd, data, offset, where),
  };
}

async function writeAll(fd: number, data: Buffer, position: number | null, where: string): Promise<void> {
  let done = 0;
  try {
    while (done < data.length) {
      const at = position === null ? null : position + done;
      done += (await write(fd, data, done, data.length - done, at)).bytesWritten;
    }
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
