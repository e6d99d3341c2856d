import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SshTarget } from '../documents/source.ts';
import { sshQuery } from './ssh-arguments.ts';

/** What runs ssh(1) with these arguments. */
export type SshCommand = (args: readonly string[]) => string[];

/**
 * Lets the commands of one run share a connection of ssh (ControlMaster of ssh_config(5)), unless the user has a ControlPath
 * for the host. Its socket is in a directory that only we can enter, and both are gone when the program exits; where it is
 * killed, the connection ends by itself after PERSIST_SECONDS. That also holds while nothing is asked for, and the next
 * command then makes a new one.
 */
export function shareConnection(target: SshTarget): SshCommand {
  let directory: string | null | undefined;
  return (args) => {
    if (directory === undefined) directory = hasOwnPath(target) ? null : makeDirectory();
    if (directory === null) return ['ssh', ...args];
    const control = [`ControlPath=${join(directory, SOCKET)}`, `ControlPersist=${PERSIST_SECONDS}`];
    const options = ['ControlMaster=auto', ...control].flatMap((option) => ['-o', option]);
    return ['sh', '-c', STDERR_BY_FILE, 'sh', directory, 'ssh', ...options, ...args];
  };
}

/** True as well where ssh cannot tell. */
function hasOwnPath(target: SshTarget): boolean {
  const [ssh, ...args] = sshQuery(target);
  const { status, stdout } = spawnSync(ssh, args, {
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
    timeout: ASK_MS,
  });
  return status !== 0 || /^controlpath /m.test(stdout);
}

function makeDirectory(): string | null {
  const prefix = join(tmpdir(), 'vz2osctl-');
  if (Buffer.byteLength(join(`${prefix}XXXXXX`, SOCKET)) > LONGEST_PATH_BYTES) return null;
  const directory = mkdtempSync(prefix);
  // Nothing else runs however the program exits, and it must not end before the connection does.
  process.once('exit', () => {
    const socket = join(directory, SOCKET);
    // Without ssh_config, which may run programs and has no say in this.
    const args = ['-F', '/dev/null', '-o', `ControlPath=${socket}`, '-O', 'exit', 'any'];
    if (existsSync(socket)) spawnSync('ssh', args, { stdio: 'ignore', timeout: ASK_MS });
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}

/**
 * The connection outlives the command that made it, and has that one's stderr: with an old OpenSSH always, with that of
 * today after -v. On a pipe, nobody would see its end.
 */
const STDERR_BY_FILE = `file=$1/$$; shift; "$@" 2>"$file"; code=$?; cat "$file" >&2; rm -f "$file"; exit $code`;
const SOCKET = 's';
/** sun_path has 104 bytes on some systems, and ssh first binds to a name that is 17 bytes longer (mux.c). */
const LONGEST_PATH_BYTES = 86;
const PERSIST_SECONDS = 30;
/** Local work of milliseconds. */
const ASK_MS = 10_000;
