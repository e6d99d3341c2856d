import { randomUUID } from 'node:crypto';
import type { Host } from '../host/host.ts';
import type { Guard } from './guard.ts';

/**
 * The same host, for processes that read what the guard undoes at the end, or in what it has to mount anew: a snapshot, a
 * root filesystem. It ends those that are still there then: a lost link or our own death ends no process that does not
 * write just now, and a link that has gone silent none at all. Those that come too late do not begin (75).
 */
export function readerHost(host: Host, { stateDir }: Guard): Host {
  return {
    ...host,
    spawn: (argv, options) =>
      host.spawn(
        ['sh', '-c', BEGIN, `${stateDir}/reader-${randomUUID()}`, `${stateDir}/closed`, ...argv],
        options,
      ),
  };
}

/**
 * The shell leads a process group, here and under sshd, and stays until the command has ended. Its file is there before it
 * looks for `closed`, which the guard makes before it looks for files.
 */
const BEGIN = 'closed=$1; shift; echo $$ >"$0" && [ ! -e "$closed" ] || exit 75; "$@"; exit $?';
