import { open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EXIT, systemCode, VzError } from '../errors.ts';

/** A file that appears under its name only when it is whole. */
export interface PendingFile {
  readonly fd: number;
  /** Syncs it and gives it its name. */
  readonly commit: () => Promise<void>;
  readonly discard: () => Promise<void>;
}

/**
 * Opens a temporary sibling of `path`, mode 0600, and removes those that runs which are dead have left. Throws VzError
 * (73) when it cannot, or when `path` is something else than a regular file: a rename would replace it.
 */
export async function openPending(name: string): Promise<PendingFile> {
  // What a link points to is replaced, not the link.
  const path = await realpath(name).catch(() => name);
  const directory = dirname(path);
  const temporary = join(directory, `.${basename(path)}.${process.pid}.part`);
  try {
    await refuseSpecial(name);
    await refuseSpecial(path);
    await removeDead(directory, basename(path));
    const handle = await open(temporary, 'wx', 0o600);
    return {
      fd: handle.fd,
      commit: async () => {
        await handle.sync();
        await handle.close();
        await rename(temporary, path);
        await syncDirectory(directory);
      },
      discard: async () => {
        await handle.close().catch(() => {});
        await rm(temporary, { force: true });
      },
    };
  } catch (cause) {
    if (cause instanceof VzError) throw cause;
    throw new VzError('CANNOT_CREATE', {
      exit: EXIT.cantCreate,
      where: path,
      what: `cannot be created (${systemCode(cause)})`,
      cause,
    });
  }
}

async function refuseSpecial(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  // /dev/stdout is a link to wherever stdout goes, and not ours to rename over.
  if (!/^\/(dev|proc)\//.test(path) && (!found || found.isFile())) return;
  throw new VzError('NOT_A_FILE', {
    exit: EXIT.cantCreate,
    where: path,
    what: 'exists and is no regular file',
    hint: 'use a redirection (>) to write into it',
  });
}

async function removeDead(directory: string, name: string): Promise<void> {
  for (const entry of await readdir(directory)) {
    const pid = entry.startsWith(`.${name}.`)
      ? /^(\d+)\.part$/.exec(entry.slice(name.length + 2))?.[1]
      : undefined;
    if (pid !== undefined && !isOfAnother(Number(pid))) await rm(join(directory, entry), { force: true });
  }
}

/** Of a living run. One with our own pid is of a dead run that had it before: ids are few in a container, and come back. */
function isOfAnother(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

/** A rename, or that a file was removed, is on disk only when its directory is. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  await handle.sync().finally(() => handle.close());
}
