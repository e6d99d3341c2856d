import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { EXIT, VzError } from '../../errors.ts';
import type { HostProcess } from '../../host/host.ts';
import { localHost } from '../../host/local.ts';
import { describeExit } from '../../host/run.ts';

export interface LockOptions {
  readonly directory: string;
  /** Of the migration. */
  readonly name: string;
  /** How long to wait for another run to end. */
  readonly waitMs: number;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** The lock was lost: somebody has ended the process that holds it, and another run may begin. */
  readonly onLost: (reason: VzError) => void;
}

/** One run on one container at a time. */
export interface Lock {
  /** Settles when the next run can have it. */
  readonly release: () => Promise<void>;
}

/**
 * Takes the lock of a container's migration: flock(2) on a file that stays, held by a flock(1) whose stdin is our pipe. Node.js
 * has no flock, and this one ends with us however we end, so that no lock is ever stale. Throws VzError: 75 another run has
 * it, 73 the file cannot be made, 69 there is no flock(1) (of util-linux, which Debian calls essential).
 */
export async function takeLock({ directory, name, waitMs, signal, onLost }: LockOptions): Promise<Lock> {
  const path = join(directory, `${name}.lock`);
  const patience = waitMs > 0 ? ['-w', String(Math.ceil(waitMs / 1000))] : ['-n'];
  const argv = ['flock', ...patience, path, 'sh', '-c', 'echo locked; exec cat'];
  const child = localHost.spawn(argv, { stdin: 'pipe' });
  // It ends the waiting alone: a run that is interrupted cleans up, and needs the lock for that.
  const stopWaiting = (): void => void child.kill();
  signal.addEventListener('abort', stopWaiting, { once: true });
  const locked = await isLocked(child);
  signal.removeEventListener('abort', stopWaiting);
  if (!locked) {
    const exit = await child.done;
    signal.throwIfAborted();
    if (exit.code === CONFLICT) throw held(name, waitMs);
    throw new VzError('CANNOT_LOCK', {
      exit: EXIT.cantCreate,
      where: path,
      what: `flock ${describeExit(exit)}`,
    });
  }
  let isReleased = false;
  void child.done.then(
    () => isReleased || onLost(lost(path)),
    () => {},
  );
  return {
    release: async () => {
      isReleased = true;
      child.stdin.end();
      await child.done;
    },
  };
}

/** Whether its first line came, rather than the end of stdout. Reads on, since `done` waits for that end. */
async function isLocked({ stdout }: HostProcess): Promise<boolean> {
  return new Promise((settle) => {
    createInterface({ input: stdout }).once('line', (line) => settle(line === 'locked'));
    stdout.once('close', () => settle(false));
  });
}

function held(name: string, waitMs: number): VzError {
  return new VzError('ALREADY_RUNNING', {
    exit: EXIT.tempFail,
    where: name,
    what: 'another vz-migrate-step works on this container',
    hint: waitMs > 0 ? 'it is waited for no longer' : '--wait DURATION waits for it',
  });
}

function lost(path: string): VzError {
  return new VzError('LOCK_LOST', {
    exit: EXIT.tempFail,
    where: path,
    what: 'the process that held the lock was ended by somebody',
    hint: 'run the step again',
  });
}

/** flock(1), where -E says nothing else. */
const CONFLICT = 1;
