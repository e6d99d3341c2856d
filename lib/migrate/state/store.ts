import { writeFile as writeFileOf } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openPending, syncDirectory } from '../../archive/pending-file.ts';
import type { VzMigration } from '../../documents/documents.ts';
import { validateDocument } from '../../documents/validate.ts';
import { EXIT, systemCode, toError, VzError } from '../../errors.ts';
import { localHost } from '../../host/local.ts';
import { stateName } from './name.ts';

const writeFile = promisify(writeFileOf);

/** The name of a migration's state, by what its document says. */
export function nameOf({ container, ctid }: VzMigration): string {
  return stateName(container.source.host, ctid);
}

export function statePath(directory: string, name: string): string {
  return join(directory, `${name}${SUFFIX}`);
}

/**
 * The migration that is kept under a name; null: none. Throws VzError: 65 for a file that is no such document, which is
 * left as it is; 74, 77 when it cannot be read.
 */
export async function loadMigration(directory: string, name: string): Promise<VzMigration | null> {
  const path = statePath(directory, name);
  const content = await localHost.readFile(path, { maxBytes: LARGEST_BYTES });
  if (content === null) return null;
  try {
    const document = validateDocument(JSON.parse(content.toString()), 'vz-migration', path);
    if (nameOf(document) === name) return document;
    throw new Error(`it is about ${nameOf(document)}`);
  } catch (cause) {
    throw new VzError('BAD_STATE', {
      exit: EXIT.data,
      where: path,
      what: `is no state of this migration (${cause instanceof VzError ? cause.what : toError(cause).message})`,
      hint: 'look at both nodes, then put back a whole one, or move it out of the way',
      cause,
    });
  }
}

/**
 * Writes a migration's state, durably and at one stroke: whoever reads it, at any time, finds the old one or this. Throws
 * VzError: 74 no space or another failure of the disk, 73 not allowed; the old one is there then.
 */
export async function saveMigration(directory: string, document: VzMigration): Promise<void> {
  const path = statePath(directory, nameOf(document));
  try {
    const pending = await openPending(path);
    try {
      await writeFile(pending.fd, `${JSON.stringify(document)}\n`);
      await pending.commit();
    } catch (error) {
      await pending.discard();
      throw error;
    }
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

/** Forgets a migration. Throws VzError (74, 73). */
export async function removeMigration(directory: string, document: VzMigration): Promise<void> {
  const path = statePath(directory, nameOf(document));
  try {
    await rm(path);
    await syncDirectory(directory);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

export interface Kept {
  readonly name: string;
  /** When it was written. */
  readonly savedAt: Date;
  /** null: it has been removed meanwhile. Throws as `loadMigration`. */
  readonly load: () => Promise<VzMigration | null>;
}

/** All migrations that are kept, by name; none where there is no directory. Throws VzError (74, 77). */
export async function* listMigrations(directory: string): AsyncGenerator<Kept> {
  const files = (await localHost.listDirectory(directory)) ?? [];
  for (const file of files.filter((one) => one.endsWith(SUFFIX) && !one.startsWith('.'))) {
    const status = await stat(join(directory, file)).catch(() => undefined);
    const name = file.slice(0, -SUFFIX.length);
    if (status) yield { name, savedAt: status.mtime, load: () => loadMigration(directory, name) };
  }
}

function cannotWrite(path: string, error: unknown): VzError {
  const cause = error instanceof VzError ? error.cause : error;
  const code = systemCode(cause);
  // What is in the way is named by the error itself.
  if (error instanceof VzError && code === undefined) return error;
  const denied = ['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR'].includes(code ?? '');
  return new VzError(denied ? 'CANNOT_CREATE' : 'STATE_NOT_WRITTEN', {
    exit: denied ? EXIT.cantCreate : EXIT.io,
    where: path,
    what:
      code === 'ENOSPC'
        ? 'no space left for the state'
        : `the state cannot be written (${code ?? String(cause)})`,
    hint: 'what it said before is kept; make it writable and run the step again',
    cause: error,
  });
}

const SUFFIX = '.json';
/** More than a document on stdin may have. */
const LARGEST_BYTES = 64 * 1024 * 1024;
