import { fstatSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { BLOCK_BYTES, encodeHeader, padding } from './header.ts';
import type { ArchiveWriter, PayloadSink } from './writer.ts';

/** What the writer needs of an open file. */
export interface PatchableFile {
  /** Appends at the file's position. */
  readonly append: (data: Buffer) => Promise<void>;
  /** Writes at an absolute offset and leaves the position alone. */
  readonly patch: (data: Buffer, offset: number) => Promise<void>;
  /** Where the position was when we began: `cmd >> file` and `{ a; b; } > file` do not begin at 0. */
  readonly startOffset: number;
}

/**
 * Writes into a regular file: one member per payload, whose header is patched once the size is known. A payload that
 * grows to `memberLimitBytes` goes on in a further member of the same name.
 */
export function fileWriter(file: PatchableFile, memberLimitBytes: number, mtime: Date): ArchiveWriter {
  let offset = file.startOffset;
  const append = async (data: Buffer): Promise<void> => {
    if (data.length === 0) return;
    await file.append(data);
    offset += data.length;
  };
  const payload = (name: string): PayloadSink => {
    let headerOffset = -1;
    let sizeBytes = 0;
    let members = 0;
    const open = async (): Promise<void> => {
      headerOffset = offset;
      sizeBytes = 0;
      members += 1;
      await append(await encodeHeader(name, 0, mtime));
    };
    const close = async (): Promise<void> => {
      await append(padding(sizeBytes));
      await file.patch(await encodeHeader(name, sizeBytes, mtime), headerOffset);
      headerOffset = -1;
    };
    return {
      write: async (chunk) => {
        let rest = chunk;
        while (rest.length > 0) {
          if (headerOffset === -1) await open();
          const part = rest.subarray(0, memberLimitBytes - sizeBytes);
          await append(part);
          sizeBytes += part.length;
          rest = rest.subarray(part.length);
          if (sizeBytes === memberLimitBytes) await close();
        }
      },
      end: async () => {
        if (members === 0) await open();
        if (headerOffset !== -1) await close();
      },
    };
  };
  return {
    member: async (name, data) => {
      await append(Buffer.concat([await encodeHeader(name, data.length, mtime), data, padding(data.length)]));
    },
    payload,
    end: () => append(Buffer.alloc(2 * BLOCK_BYTES)),
  };
}

/** O_APPEND as Linux prints it in fdinfo, octal. */
const O_APPEND = 0o2000;

/**
 * The position of `fd` if its headers can be patched: a regular file that is not open for appending (where Linux
 * appends positioned writes too, pwrite(2) BUGS, and the archive would be corrupt). Otherwise undefined.
 */
export async function patchableOffset(fd: number): Promise<number | undefined> {
  if (!fstatSync(fd).isFile()) return undefined;
  const info = await readFile(`/proc/self/fdinfo/${fd}`, 'latin1').catch(() => '');
  const position = /^pos:\s*(\d+)$/m.exec(info)?.[1];
  const flags = /^flags:\s*([0-7]+)$/m.exec(info)?.[1];
  if (position === undefined || flags === undefined || (Number.parseInt(flags, 8) & O_APPEND) !== 0)
    return undefined;
  return Number(position);
}
