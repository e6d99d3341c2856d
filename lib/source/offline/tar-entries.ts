import { EXIT, VzError } from '../../errors.ts';
import { readEntry, type TarEntry } from './tar-header.ts';

export const BLOCK_BYTES = 512;

/** A header of a tar archive that extends the next one, with its data and padding as they stand. */
export interface TarExtension {
  readonly type: string;
  readonly header: Buffer;
  readonly data: Buffer;
}

/** What an archive consists of, in its order; the data of an entry follows it, in pieces. */
export type TarPart =
  | {
      readonly kind: 'entry';
      readonly entry: TarEntry;
      readonly extensions: readonly TarExtension[];
      readonly header: Buffer;
      /** Blocks of the map of a sparse file. */
      readonly sparse: Buffer;
    }
  /** As it is stored, with the padding at its end; `bytes` of it are data. */
  | { readonly kind: 'data'; readonly chunk: Buffer; readonly bytes: number };

/**
 * Reads a tar as GNU tar and POSIX have it, sparse files included, in constant memory, to the end of the input. Throws
 * VzError (65) that names the byte where it is cut off or no tar; `where` is the file.
 */
export async function* readTar(input: AsyncIterable<Buffer>, where: string): AsyncGenerator<TarPart> {
  const blocks = new Blocks(input, where);
  let extensions: TarExtension[] = [];
  for (;;) {
    const header = await blocks.take(BLOCK_BYTES);
    if (isZero(header)) break;
    const at = { where, offsetBytes: blocks.offsetBytes - BLOCK_BYTES };
    const entry = readEntry(header, extensions, at);
    if (EXTENSIONS.has(entry.type)) {
      if (entry.storedBytes > MOST_EXTENSION_BYTES) throw broken(at, 'a name or header of more than 1 MiB');
      extensions.push({ type: entry.type, header, data: await blocks.take(padded(entry.storedBytes)) });
      continue;
    }
    const sparse = await readSparseMap(blocks, header, entry.type);
    yield { kind: 'entry', entry, extensions, header, sparse };
    extensions = [];
    let left = padded(entry.storedBytes);
    let data = entry.storedBytes;
    while (left > 0) {
      const chunk = await blocks.some(left);
      const bytes = Math.min(data, chunk.length);
      yield { kind: 'data', chunk, bytes };
      left -= chunk.length;
      data -= bytes;
    }
  }
  // Whatever packed it may complain at its very end.
  await blocks.drain();
}

/** A cut archive ends anywhere; a whole one with blocks of zeros. */
class Blocks {
  offsetBytes = 0;
  readonly where: string;
  readonly #input: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(input: AsyncIterable<Buffer>, where: string) {
    this.where = where;
    this.#input = input[Symbol.asyncIterator]();
  }

  async take(bytes: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let left = bytes;
    while (left > 0) {
      const part = await this.some(left);
      parts.push(part);
      left -= part.length;
    }
    return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
  }

  /** At least one byte, at most `most`. */
  async some(most: number): Promise<Buffer> {
    while (this.#rest.length === 0) {
      const next = await this.#input.next();
      if (next.done) throw cut(this);
      this.#rest = next.value;
    }
    const part = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(part.length);
    this.offsetBytes += part.length;
    return part;
  }

  async drain(): Promise<void> {
    this.#rest = Buffer.alloc(0);
    while (!(await this.#input.next()).done);
  }
}

/** GNU's old form of a sparse file: a part of the map is in the header, the rest in blocks behind it. */
async function readSparseMap(blocks: Blocks, header: Buffer, type: string): Promise<Buffer> {
  if (type !== 'S') return Buffer.alloc(0);
  const parts: Buffer[] = [];
  let goesOn = header[482] !== 0;
  while (goesOn) {
    const block = await blocks.take(BLOCK_BYTES);
    parts.push(block);
    if (parts.length > MOST_SPARSE_BLOCKS) throw broken(blocks, 'a map of a sparse file without end');
    goesOn = block[504] !== 0;
  }
  return Buffer.concat(parts);
}

export function padded(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}

function isZero(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

/** A byte of an archive, for messages. */
export interface TarPlace {
  readonly where: string;
  readonly offsetBytes: number;
}

function cut({ where, offsetBytes }: TarPlace): VzError {
  return new VzError('ARCHIVE_CUT', {
    exit: EXIT.data,
    where,
    what: `the archive is cut off at byte ${offsetBytes}, unpacked`,
    hint: 'its copy is not whole',
  });
}

export function broken({ where, offsetBytes }: TarPlace, what: string): VzError {
  return new VzError('BAD_TAR', {
    exit: EXIT.data,
    where,
    what: `at byte ${offsetBytes}, unpacked: ${what}`,
  });
}

/** POSIX x and g; GNU's long names and links. */
const EXTENSIONS: ReadonlySet<string> = new Set(['x', 'g', 'L', 'K']);
const MOST_EXTENSION_BYTES = 1024 * 1024;
const MOST_SPARSE_BLOCKS = 65536;
