import { mkdir, statfs } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { EXIT, systemCode, VzError } from '../../errors.ts';

/** Where migrations are kept: `--state-dir`, `/var/lib/vz2osctl` for root, else below XDG_STATE_HOME or `~/.local/state`. */
export function stateDirectory(given: string | undefined, env: NodeJS.ProcessEnv): string {
  if (given !== undefined) return resolve(given);
  if (process.getuid?.() === 0) return '/var/lib/vz2osctl';
  // XDG Base Directory Specification: a relative path is to be ignored.
  const xdg = env['XDG_STATE_HOME'] ?? '';
  return join(isAbsolute(xdg) ? xdg : join(env['HOME'] || homedir(), '.local', 'state'), 'vz2osctl');
}

/**
 * Makes the directory (0700) where there is none. Throws VzError: 78 when it would be in memory, and a reboot would forget
 * which containers are half moved; 73 when it cannot be made.
 */
export async function makeStateDirectory(path: string): Promise<void> {
  try {
    await refuseMemory(path);
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    if (cause instanceof VzError) throw cause;
    throw new VzError('CANNOT_CREATE', {
      exit: EXIT.cantCreate,
      where: path,
      what: `the state directory cannot be made (${systemCode(cause) ?? String(cause)})`,
      hint: '--state-dir names another one',
      cause,
    });
  }
}

async function refuseMemory(path: string): Promise<void> {
  if (!IN_MEMORY.has((await typeOf(path)) >>> 0)) return;
  throw new VzError('STATE_IN_MEMORY', {
    exit: EXIT.refused,
    where: path,
    what: 'the state directory is in memory, and would be gone after a reboot',
    hint: 'name one on a disk: --state-dir DIR (on vpsAdminOS all of /var is in memory; a directory of a pool is not)',
  });
}

/** The type of its file system, or of that on which it will be made. */
async function typeOf(path: string): Promise<number> {
  try {
    return (await statfs(path)).type;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
    return typeOf(dirname(path));
  }
}

/** statfs(2): TMPFS_MAGIC, RAMFS_MAGIC. */
const IN_MEMORY = new Set([0x01021994, 0x858458f6]);
