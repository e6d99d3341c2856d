import { usage } from '../cli/flags.ts';
import type { Io } from '../cli/io.ts';
import { errorDocument } from '../cli/stage.ts';
import type { OsctlContainer, VzErrorDocument } from '../documents/documents.ts';
import { readLines } from '../documents/ndjson.ts';
import { validateDocument } from '../documents/validate.ts';
import { EXIT, VzError } from '../errors.ts';

/**
 * The documents on stdin: containers, and those that failed. A bad `osctl-container` is a container that failed here.
 * Throws VzError: 64 for a terminal, 65 for nothing at all, a line that is no document, or a document of another kind,
 * which means that the pipe is put together wrongly.
 */
export async function* readContainers(io: Io): AsyncGenerator<OsctlContainer | VzErrorDocument> {
  if (io.stdinIsTty) throw usage('expected osctl-container documents on stdin, which is a terminal');
  let count = 0;
  for await (const { number, value } of readLines(io.stdin)) {
    io.signal.throwIfAborted();
    count += 1;
    yield readDocument(value, `line ${number}`, io);
  }
  if (count > 0) return;
  throw new VzError('NO_DOCUMENT', {
    exit: EXIT.data,
    where: 'stdin',
    what: 'empty, expected documents of kind osctl-container',
    hint: 'did an earlier stage fail?',
  });
}

function readDocument(value: object, where: string, io: Io): OsctlContainer | VzErrorDocument {
  const kind = 'kind' in value ? value.kind : undefined;
  if (kind === 'vz-error') return validateDocument(value, 'vz-error', where);
  if (kind === 'vz-config') throw wrongKind(where);
  try {
    return validateDocument(value, 'osctl-container', where);
  } catch (error) {
    if (!(error instanceof VzError) || kind !== 'osctl-container') throw error;
    io.log.error(error.line);
    const ctid = 'ctid' in value && typeof value.ctid === 'string' ? value.ctid : null;
    return errorDocument(error, 'vz-report', ctid);
  }
}

function wrongKind(where: string): VzError {
  return new VzError('WRONG_KIND', {
    exit: EXIT.data,
    where,
    what: 'kind: expected osctl-container, got "vz-config"',
    hint: 'put vz-to-osctl before vz-report',
  });
}
