import { EXIT, VzError } from '../errors.ts';
import type { Exit } from '../host/host.ts';
import { describeExit } from '../host/run.ts';

/** vzctl or another run holds the lock; `pid` is as the guard said it. */
export function locked(where: string, pid: string): VzError {
  return new VzError('LOCKED', {
    exit: EXIT.tempFail,
    where,
    what: `locked by process ${pid}`,
    hint: 'another vzctl or vz2osctl is at work on it; try again later (--wait)',
  });
}

/** The container is down, and stays so. */
export function startFailed(where: string, ctid: string): VzError {
  return new VzError('START_FAILED', {
    exit: EXIT.io,
    where,
    what: 'stopped, and could not be started again',
    hint: `look at why, and start it by hand: vzctl start ${ctid}`,
  });
}

/** `command` is the line of sh that failed at the end; what stands behind `UNDO_OF` says it shorter. */
export function leftBehind(where: string, command: string): VzError {
  return new VzError('LEFT_BEHIND', {
    exit: EXIT.io,
    where,
    what: `could not undo: ${command.split(UNDO_OF).at(-1)}`,
    hint: 'the next run tries again',
  });
}

/** The guard has started the container unasked; `why` is its word for that. */
export function firedError(where: string, why: string): VzError {
  if (why === 'max-downtime') {
    return new VzError('MAX_DOWNTIME', {
      exit: EXIT.refused,
      where,
      what: 'started again because --max-downtime was over; what was read is no whole copy',
      hint: 'allow more time, or use --no-consistent',
    });
  }
  return new VzError('GUARD_FIRED', {
    exit: EXIT.io,
    where,
    what: `started again by its guard (${why}); what was read is no whole copy`,
    hint: 'run it again',
  });
}

/** Nothing was heard of it for as long as it would wait for us. */
export function silentError(where: string): VzError {
  return new VzError('GUARD_SILENT', {
    exit: EXIT.unavailable,
    where,
    what: 'no sign of life from the guard on the node',
    hint: 'where it still lives, it starts the container by itself; check with: vzctl status',
  });
}

/** The process has ended before it was let go. */
export function guardExit(exit: Exit, where: string, owesStart: boolean): VzError {
  const denied = /permission denied/i.test(exit.stderr);
  const early = denied ? EXIT.noPermission : exit.code === 73 ? EXIT.cantCreate : EXIT.io;
  return new VzError('GUARD_GONE', {
    exit: owesStart ? EXIT.io : early,
    where,
    what: `the guard ${describeExit(exit)}`,
    hint: owesStart ? 'check that the container runs: vzctl status' : denied ? 'run as root' : undefined,
  });
}

/** A comment in an undo, for people: what it undoes. */
export const UNDO_OF = '#: ';
