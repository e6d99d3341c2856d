import type { DocumentKinds, Kind, VzErrorDocument } from '../documents/documents.ts';
import { readLines, writeDocument } from '../documents/ndjson.ts';
import { validateDocument } from '../documents/validate.ts';
import type { ExitCode } from '../errors.ts';
import { EXIT, VzError } from '../errors.ts';
import { usage } from './flags.ts';
import type { Io } from './io.ts';
import type { Progress } from './progress.ts';

/** Makes the document that stands for a failed container. */
export function errorDocument(error: VzError, program: string, ctid: string | null): VzErrorDocument {
  const { code, exit, line } = error;
  return { kind: 'vz-error', schema: 1, ctid, program, code, exit, message: line };
}

/** The worse of two exit codes: success is 0, and the codes of sysexits(3) rise with what they mean to a caller. */
export function worse(a: ExitCode, b: ExitCode): ExitCode {
  return a > b ? a : b;
}

export interface MapOptions<K extends Kind> {
  readonly kind: K;
  readonly program: string;
  readonly pretty?: boolean;
  /** Counts what has come. */
  readonly progress: Progress;
  readonly convert: (document: DocumentKinds[K]) => object | Promise<object>;
}

/**
 * A filter of documents: each of `kind` on stdin becomes one on stdout. A `vz-error` is passed on; a document that
 * fails becomes one, and the rest goes on. Returns the worst exit code. A line that is no document ends the run (65).
 */
export async function mapDocuments<K extends Kind>(io: Io, options: MapOptions<K>): Promise<ExitCode> {
  refuseTerminal(io, options.kind);
  let exit: ExitCode = EXIT.ok;
  let count = 0;
  for await (const { number, value } of readLines(io.stdin)) {
    count += 1;
    options.progress.add(1);
    io.signal.throwIfAborted();
    const passed = asError(value, `line ${number}`);
    if (passed) {
      exit = worse(exit, passed.exit);
      await writeDocument(io.stdout, passed, options.pretty);
      continue;
    }
    try {
      const document = validateDocument(value, options.kind, `line ${number}`);
      await writeDocument(io.stdout, await options.convert(document), options.pretty);
    } catch (error) {
      if (!(error instanceof VzError)) throw error;
      io.log.error(error.line);
      exit = worse(exit, error.exit);
      await writeDocument(io.stdout, errorDocument(error, options.program, ctidOf(value)), options.pretty);
    }
  }
  if (count === 0) throw noDocument(options.kind);
  return exit;
}

/**
 * Reads the one document that a stage works on. Throws VzError: 65 for none or a bad one, 64 for a second one, and
 * the code of the earlier stage for a `vz-error`.
 */
export async function readOneDocument<K extends Kind>(io: Io, kind: K): Promise<DocumentKinds[K]> {
  refuseTerminal(io, kind);
  let document: DocumentKinds[K] | undefined;
  for await (const { number, value } of readLines(io.stdin)) {
    if (document) {
      throw new VzError('SECOND_DOCUMENT', {
        exit: EXIT.usage,
        where: `line ${number}`,
        what: 'a second document',
        hint: 'one container a run; use a shell loop for many',
      });
    }
    const passed = asError(value, `line ${number}`);
    if (passed) throw earlierFailure(passed);
    document = validateDocument(value, kind, `line ${number}`);
  }
  if (!document) throw noDocument(kind);
  return document;
}

export function earlierFailure(passed: VzErrorDocument): VzError {
  return new VzError('EARLIER_STAGE', {
    exit: passed.exit,
    where: passed.ctid === null ? undefined : `ct ${passed.ctid}`,
    what: `${passed.program} failed: ${passed.message}`,
  });
}

function refuseTerminal(io: Io, kind: Kind): void {
  if (io.stdinIsTty) throw usage(`expected ${kind} documents on stdin, which is a terminal`);
}

function noDocument(kind: Kind): VzError {
  return new VzError('NO_DOCUMENT', {
    exit: EXIT.data,
    where: 'stdin',
    what: `empty, expected a document of kind ${kind}`,
    hint: 'did an earlier stage fail?',
  });
}

function asError(value: object, where: string): VzErrorDocument | undefined {
  return 'kind' in value && value.kind === 'vz-error'
    ? validateDocument(value, 'vz-error', where)
    : undefined;
}

function ctidOf(value: object): string | null {
  return 'ctid' in value && typeof value.ctid === 'string' ? value.ctid : null;
}
