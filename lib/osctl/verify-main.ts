import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { usage } from '../cli/flags.ts';
import type { Io } from '../cli/io.ts';
import { counted, type Progress, regularFileBytes } from '../cli/progress.ts';
import { writeDocument } from '../documents/ndjson.ts';
import type { ExitCode } from '../errors.ts';
import { EXIT, systemCode, VzError } from '../errors.ts';
import type { VerifyOptions } from './verify.ts';
import { verifyArchive } from './verify.ts';

/** `osctl-bundle --verify FILE|-`: the report goes to stdout. Throws VzError (66, 77, 74) when FILE cannot be read. */
export async function verifyArchiveFile(path: string, io: Io, progress: Progress): Promise<ExitCode> {
  if (path === '-' && io.stdinIsTty)
    throw usage('--verify: expected an archive on stdin, which is a terminal');
  const input = path === '-' ? io.stdin : createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const size = path === '-' ? regularFileBytes(io.stdin) : (await stat(path).catch(() => null))?.size;
  if (size) progress.expect(size);
  const abort = (): void => void input.destroy(io.signal.reason);
  io.signal.addEventListener('abort', abort, { once: true });
  try {
    return await verifyToJson(counted(input, progress), io.stdout, { signal: io.signal, allowSkel: true });
  } catch (error) {
    throw unreadable(error, path);
  } finally {
    io.signal.removeEventListener('abort', abort);
  }
}

/** Verifies an archive and writes the report as JSON. Returns 0, or 65 when the archive is not right. */
export async function verifyToJson(
  input: AsyncIterable<Buffer>,
  output: Writable,
  options: VerifyOptions = {},
): Promise<ExitCode> {
  const { report } = await verifyArchive(input, options);
  await writeDocument(output, report, true);
  return report.ok ? EXIT.ok : EXIT.data;
}

function unreadable(error: unknown, path: string): unknown {
  const code = systemCode(error);
  if (error instanceof VzError || code === undefined) return error;
  const exit = code === 'ENOENT' ? EXIT.noInput : code === 'EACCES' ? EXIT.noPermission : EXIT.io;
  return new VzError('UNREADABLE', { exit, where: path, what: `cannot be read (${code})`, cause: error });
}

const CHUNK_BYTES = 256 * 1024;
