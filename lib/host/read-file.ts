import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { EXIT, VzError } from '../errors.ts';

/** Where the caller has no limit of its own. */
export const LARGEST_FILE_BYTES = 16 * 1024 * 1024;

/**
 * Reads a regular file of this machine, at once: through the thread pool a thousand configs in a row cost ten times the
 * CPU time. What is no regular file is never read: a pipe would block the process for ever, and a device never ends.
 *
 * Throws the system's error where it cannot be opened or read, and VzError: 65 for one of more than `maxBytes` bytes,
 * 74 for what is no regular file.
 */
export function readSmallFile(path: string, maxBytes: number): Buffer {
  // Before it is opened, which can do something to a device (rewind a tape).
  refuseSpecial(path, statSync(path).isFile());
  // O_NONBLOCK: a pipe that has taken the file's place by now must not hold up open(2).
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = fstatSync(descriptor);
    refuseSpecial(path, status.isFile());
    if (status.size > maxBytes) throw tooLarge(path, maxBytes);
    return readAll({ descriptor, path, maxBytes, sizeBytes: status.size });
  } finally {
    closeSync(descriptor);
  }
}

/** What every host says of a file that is too large. */
export function tooLarge(where: string, maxBytes: number): VzError {
  const what = `larger than ${maxBytes} bytes`;
  return new VzError('FILE_TOO_LARGE', { exit: EXIT.data, where, what });
}

export function notRegular(where: string): VzError {
  return new VzError('UNREADABLE', { exit: EXIT.io, where, what: 'is no regular file' });
}

interface Opened {
  readonly descriptor: number;
  readonly path: string;
  readonly maxBytes: number;
  readonly sizeBytes: number;
}

/** Files of /proc and /sys have content and the size 0, and any file may be growing: the end of file is the end. */
function readAll({ descriptor, path, maxBytes, sizeBytes }: Opened): Buffer {
  let content: Buffer = Buffer.allocUnsafe(Math.min(maxBytes, Math.max(sizeBytes, UNKNOWN_SIZE_BYTES)) + 1);
  let length = 0;
  for (;;) {
    const bytes = readSync(descriptor, content, length, content.length - length, null);
    length += bytes;
    if (length > maxBytes) throw tooLarge(path, maxBytes);
    if (bytes === 0) return content.subarray(0, length);
    if (length === content.length) content = enlarge(content, maxBytes);
  }
}

function enlarge(content: Buffer, maxBytes: number): Buffer {
  const larger = Buffer.allocUnsafe(Math.min(maxBytes + 1, content.length * 2));
  content.copy(larger);
  return larger;
}

function refuseSpecial(path: string, isFile: boolean): void {
  if (!isFile) throw notRegular(path);
}

const UNKNOWN_SIZE_BYTES = 4096;
