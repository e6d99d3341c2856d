import { archiveError, BLOCK_BYTES, readHeader } from './read-header.ts';

export interface Member {
  readonly name: string;
  readonly sizeBytes: number;
  readonly mode: number;
  /** Where its header stands in the stream. */
  readonly offsetBytes: number;
  /** Views of the input's chunks, never copies; read once. What is left is skipped when the next member is asked for. */
  readonly data: AsyncIterable<Buffer>;
}

export interface ArchiveEnd {
  /** False: end of file without end-of-archive blocks, which both of osctld's readers tolerate. */
  readonly ended: boolean;
  /** All bytes of the stream, padding behind the end blocks included. */
  readonly sizeBytes: number;
  /** Directory entries, which osctld ignores and so does this reader. */
  readonly directories: number;
}

export interface ReadOptions {
  /** Called for each directory entry, which is not a member. */
  readonly onDirectory?: (name: string) => void;
  /** Called once, after the last member, when the stream was good to its end. */
  readonly onEnd?: (end: ArchiveEnd) => void;
}

/**
 * Reads the members of a tar stream strictly, in constant memory: regular files with the headers of `readHeader`
 * and nothing else. Throws VzError (65) with the byte offset for any other dialect, a stream that ends inside a
 * member, and bytes behind the end blocks. Errors of the input pass through as they are.
 */
export async function* readMembers(
  input: AsyncIterable<Buffer>,
  options: ReadOptions = {},
): AsyncGenerator<Member, void, undefined> {
  const source = new ByteSource(input);
  let directories = 0;
  try {
    for (;;) {
      const offsetBytes = source.offsetBytes;
      const block = await source.block();
      if (block === null || block.equals(ZERO_BLOCK)) {
        if (block !== null) await expectZeros(source);
        options.onEnd?.({ ended: block !== null, sizeBytes: source.offsetBytes, directories });
        return;
      }
      const { name, type, sizeBytes, mode } = readHeader(block, offsetBytes);
      if (type === 'directory') {
        directories += 1;
        options.onDirectory?.(name);
        continue;
      }
      const body = new Body(source, name, sizeBytes);
      yield { name, sizeBytes, mode, offsetBytes, data: body.chunks() };
      await body.finish();
    }
  } finally {
    await source.close();
  }
}

/** A member's contents: hands out what the source has, then skips the rest and the padding. */
class Body {
  readonly #source: ByteSource;
  readonly #name: string;
  readonly #sizeBytes: number;
  #leftBytes: number;

  constructor(source: ByteSource, name: string, sizeBytes: number) {
    this.#source = source;
    this.#name = name;
    this.#sizeBytes = sizeBytes;
    this.#leftBytes = sizeBytes;
  }

  async *chunks(): AsyncGenerator<Buffer, void, undefined> {
    while (this.#leftBytes > 0) {
      const chunk = await this.#source.atMost(this.#leftBytes);
      if (chunk === null) throw this.#cut();
      this.#leftBytes -= chunk.length;
      yield chunk;
    }
  }

  async finish(): Promise<void> {
    this.#leftBytes += (BLOCK_BYTES - (this.#sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES;
    for await (const _ of this.chunks());
  }

  #cut(): Error {
    return archiveError(
      'ARCHIVE_CUT_OFF',
      this.#source.offsetBytes,
      `ends inside ${this.#name} (${this.#sizeBytes} bytes)`,
      'an earlier stage failed, or the copy is not whole',
    );
  }
}

/** Chunks of any size as blocks and views, counting bytes. */
class ByteSource {
  offsetBytes = 0;
  readonly #iterator: AsyncIterator<Buffer>;
  #chunk: Buffer = NOTHING;

  constructor(input: AsyncIterable<Buffer>) {
    this.#iterator = input[Symbol.asyncIterator]();
  }

  /** The next bytes, at least one and at most `limit`; null at the end of the stream. */
  async atMost(limit: number): Promise<Buffer | null> {
    while (this.#chunk.length === 0) {
      const next = await this.#iterator.next();
      if (next.done) return null;
      this.#chunk = next.value;
    }
    const taken = this.#chunk.length <= limit ? this.#chunk : this.#chunk.subarray(0, limit);
    this.#chunk = this.#chunk.length <= limit ? NOTHING : this.#chunk.subarray(limit);
    this.offsetBytes += taken.length;
    return taken;
  }

  /** One whole block; null at the end of the stream. Throws VzError (65) for a part of a block. */
  async block(): Promise<Buffer | null> {
    const first = await this.atMost(BLOCK_BYTES);
    if (first === null || first.length === BLOCK_BYTES) return first;
    const parts = [first];
    let missing = BLOCK_BYTES - first.length;
    while (missing > 0) {
      const part = await this.atMost(missing);
      if (part === null) {
        throw archiveError('ARCHIVE_CUT_OFF', this.offsetBytes, 'ends inside a tar header');
      }
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts);
  }

  async close(): Promise<void> {
    await this.#iterator.return?.();
  }
}

async function expectZeros(source: ByteSource): Promise<void> {
  for (;;) {
    const start = source.offsetBytes;
    const chunk = await source.atMost(BLOCK_BYTES);
    if (chunk === null) return;
    if (chunk.equals(ZERO_BLOCK.subarray(0, chunk.length))) continue;
    const offset = start + chunk.findIndex((byte) => byte !== 0);
    throw archiveError('ARCHIVE_TAIL', offset, 'something other than zeros behind the end of the archive');
  }
}

const NOTHING: Buffer = Buffer.alloc(0);
const ZERO_BLOCK = Buffer.alloc(BLOCK_BYTES);
