import { Readable } from 'node:stream';
import { readMembers } from '../bundle/reader.ts';
import type { Io } from '../cli/io.ts';
import { readOneDocument } from '../cli/stage.ts';
import type { OsctlContainer } from '../documents/documents.ts';
import { validateDocument } from '../documents/validate.ts';
import { EXIT, VzError } from '../errors.ts';

export interface ArchiveHead {
  readonly document: OsctlContainer;
  /** The whole archive, from its first byte. */
  readonly bytes: AsyncIterable<Buffer>;
  /** The input was a bare document, and there is no archive. */
  readonly bare: boolean;
}

/**
 * Reads the container's document off the head of an archive, where it is the first member, or a bare document. Throws
 * VzError: 65 when there is neither, 64 for a second document, and the code of an earlier stage that failed.
 */
export async function readArchiveHead(io: Io): Promise<ArchiveHead> {
  const source = new Recorder(io.stdin[Symbol.asyncIterator]());
  const bytes = source.replay();
  if ((await source.firstByte()) === '{'.charCodeAt(0)) {
    const stdin = Readable.from(source.recorded(), { objectMode: false });
    return { document: await readOneDocument({ ...io, stdin }, 'osctl-container'), bytes, bare: true };
  }
  for await (const member of readMembers(source.recorded())) {
    if (member.name !== 'container.json') break;
    return { document: parse(await collect(member.data), 'container.json'), bytes, bare: false };
  }
  throw new VzError('NO_DOCUMENT', {
    exit: EXIT.data,
    where: 'stdin',
    what: 'the archive does not begin with container.json, so it is not from osctl-bundle',
    hint: 'import it on the node: osctl ct import FILE',
  });
}

/** Keeps what was read of a stream, so that it can be read once more from its first byte. */
class Recorder {
  readonly #source: AsyncIterator<Buffer>;
  readonly #taken: Buffer[] = [];

  constructor(source: AsyncIterator<Buffer>) {
    this.#source = source;
  }

  async firstByte(): Promise<number> {
    for (;;) {
      const byte = this.#taken.find((chunk) => chunk.length > 0)?.[0];
      if (byte !== undefined) return byte;
      if (!(await this.#take())) {
        throw new VzError('NO_INPUT', {
          exit: EXIT.data,
          where: 'stdin',
          what: 'empty, expected an archive',
          hint: 'did an earlier stage fail?',
        });
      }
    }
  }

  /** From the start, keeping what is read. Ending it early does not close the source. */
  async *recorded(): AsyncGenerator<Buffer, void, undefined> {
    for (let index = 0; index < this.#taken.length || (await this.#take()); index += 1) {
      const chunk = this.#taken[index];
      if (chunk) yield chunk;
    }
  }

  /** From the start, forgetting what was kept. */
  async *replay(): AsyncGenerator<Buffer, void, undefined> {
    try {
      yield* this.#taken.splice(0);
      while (await this.#take()) yield* this.#taken.splice(0);
    } finally {
      await this.#source.return?.();
    }
  }

  async #take(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done) return false;
    this.#taken.push(next.value);
    return true;
  }
}

async function collect(data: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of data) {
    size += chunk.length;
    if (size > MAX_DOCUMENT_BYTES) {
      throw new VzError('DOCUMENT_TOO_LARGE', {
        exit: EXIT.data,
        where: 'stdin',
        what: `a document of more than ${MAX_DOCUMENT_BYTES} bytes`,
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parse(data: Buffer, where: string): OsctlContainer {
  let value: unknown;
  try {
    value = JSON.parse(data.toString());
  } catch (cause) {
    throw new VzError('NOT_JSON', { exit: EXIT.data, where, what: 'not JSON', cause });
  }
  return validateDocument(value, 'osctl-container', where);
}

/** As in the archive check: it carries the source's config and action scripts. */
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
