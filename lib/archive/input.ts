import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { readAhead } from '../bundle/read-ahead.ts';
import type { Io } from '../cli/io.ts';
import { readOneDocument } from '../cli/stage.ts';
import type { OsctlContainer } from '../documents/documents.ts';
import { EXIT, systemCode, VzError } from '../errors.ts';

/** What stands on stdin: a bundle stream, or a bare document. */
export type Input =
  | { readonly kind: 'bundle'; readonly bytes: AsyncIterable<Buffer> }
  | { readonly kind: 'document'; readonly document: OsctlContainer };

/** Looks at the first byte of stdin: a document begins with a brace, a tar stream never does. */
export async function readInput(io: Io): Promise<Input> {
  const bytes = readAhead(io.stdin);
  const first = await bytes.next().catch((cause: unknown) => {
    throw unreadable('stdin', cause);
  });
  if (first.done === true) {
    throw new VzError('EMPTY_INPUT', {
      exit: EXIT.data,
      where: 'stdin',
      what: 'empty, expected a bundle stream or a document',
      hint: 'did an earlier stage fail?',
    });
  }
  const all = withFirst(first.value, bytes);
  if (first.value[0] !== OPENING_BRACE) return { kind: 'bundle', bytes: all };
  const document = await readOneDocument({ ...io, stdin: Readable.from(all) }, 'osctl-container');
  return { kind: 'document', document };
}

/** Reads an osctl-container document from a file, `-` for stdin. Throws VzError (66, 65). */
export async function readDocumentFile(path: string, io: Io): Promise<OsctlContainer> {
  if (path === '-') return readOneDocument(io, 'osctl-container');
  try {
    return await readOneDocument(
      { ...io, stdin: createReadStream(path), stdinIsTty: false },
      'osctl-container',
    );
  } catch (error) {
    throw error instanceof VzError ? error : unreadable(path, error);
  }
}

/** A payload's bytes from a file. Throws VzError (66) when it cannot be read. */
export async function* readPayloadFile(path: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>;
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function* withFirst(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

function unreadable(path: string, cause: unknown): VzError {
  return new VzError('UNREADABLE', {
    exit: EXIT.noInput,
    where: path,
    what: `cannot be read (${systemCode(cause) ?? String(cause)})`,
    cause,
  });
}

const OPENING_BRACE = 0x7b;
