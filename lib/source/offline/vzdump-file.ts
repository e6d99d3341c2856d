import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { EXIT, systemCode, toError, VzError } from '../../errors.ts';
import { localHost } from '../../host/local.ts';
import { describeExit } from '../../host/run.ts';

/**
 * The tar in a file of vzdump, unpacked as it is read: plain, gzip, or lzo by the program lzop, as its first bytes say.
 * Throws VzError: 65 what was packed is cut off or damaged, 66 no such file, 69 no lzop, 74, 77.
 */
export async function* readVzdump(file: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  const packing = packingOf(file);
  if (packing === 'lzo') {
    yield* fromLzop(file, signal);
    return;
  }
  const raw = createReadStream(file, { signal });
  const stream = packing === 'gzip' ? raw.pipe(createGunzip({ chunkSize: 256 * 1024 })) : raw;
  // pipe() hands on no error.
  if (stream !== raw) raw.on('error', (error) => stream.destroy(error));
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) yield chunk;
  } catch (error) {
    signal.throwIfAborted();
    throw packing === 'gzip' && isZlib(error)
      ? damaged(file, `gzip: ${toError(error).message}`)
      : unreadable(file, error);
  } finally {
    raw.destroy();
    stream.destroy();
  }
}

async function* fromLzop(file: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  // By its stdin: a name may be anything, and lzop goes by the name.
  const child = localHost.spawn(
    ['sh', '-c', 'command -v lzop >/dev/null || exit 127; exec lzop -dc <"$1"', 'sh', file],
    { signal },
  );
  let whole = false;
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) yield chunk;
    const exit = await child.done;
    signal.throwIfAborted();
    whole = true;
    if (exit.code === 127) {
      const hint = 'install it (Debian: apt install lzop), or unpack the file where it is';
      throw new VzError('PROGRAM_MISSING', {
        exit: EXIT.unavailable,
        where: file,
        what: 'no program lzop',
        hint,
      });
    }
    if (exit.code !== 0) throw damaged(file, `lzop ${describeExit(exit)}`);
  } finally {
    if (!whole) await child.kill();
  }
}

function packingOf(file: string): 'gzip' | 'lzo' | 'none' {
  const head = firstBytes(file);
  if (head.subarray(0, 2).equals(GZIP)) return 'gzip';
  return head.subarray(0, LZO.length).equals(LZO) ? 'lzo' : 'none';
}

function firstBytes(file: string): Buffer {
  try {
    if (!statSync(file).isFile()) {
      throw new VzError('UNREADABLE', { exit: EXIT.io, where: file, what: 'is no regular file' });
    }
    const descriptor = openSync(file, 'r');
    try {
      const head = Buffer.alloc(LZO.length);
      return head.subarray(0, readSync(descriptor, head, 0, head.length, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw error instanceof VzError ? error : unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): VzError {
  const code = systemCode(error);
  if (code === 'ENOENT')
    return new VzError('NO_FILE', { exit: EXIT.noInput, where: file, what: 'no such file' });
  const exit = code === 'EACCES' ? EXIT.noPermission : EXIT.io;
  return new VzError('UNREADABLE', { exit, where: file, what: toError(error).message, cause: error });
}

function damaged(file: string, what: string): VzError {
  return new VzError('ARCHIVE_CUT', { exit: EXIT.data, where: file, what, hint: 'its copy is not whole' });
}

function isZlib(error: unknown): boolean {
  return systemCode(error)?.startsWith('Z_') ?? false;
}

const GZIP = Buffer.from([0x1f, 0x8b]);
const LZO = Buffer.from([0x89, 0x4c, 0x5a, 0x4f, 0x00, 0x0d, 0x0a, 0x1a, 0x0a]);
