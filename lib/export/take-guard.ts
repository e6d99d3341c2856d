import { setTimeout as sleep } from 'node:timers/promises';
import type { Io } from '../cli/io.ts';
import { EXIT, toError, VzError } from '../errors.ts';
import type { GuardOptions } from '../guard/guard.ts';
import { Guard } from '../guard/guard.ts';
import type { Host } from '../host/host.ts';
import { readUsableStatus } from './usable-status.ts';

const RETRY_MS = 2000;
const LEAST_WAIT_MS = 60_000;

/** Starts a guard; while the container is locked, tries again for `waitMs`. Throws what `Guard.start` throws. */
export function takeGuard(host: Host, options: GuardOptions, waitMs: number, io: Io): Promise<Guard> {
  return whileLocked(() => Guard.start(host, options), waitMs, sayAndWait(io));
}

/**
 * Takes vzctl's lock again, which was given back for the hours that data takes. All that was sent is lost if it cannot be
 * had, so there is a minute for it at least. Throws VzError (75).
 */
export function lockAgain(guard: Guard, waitMs: number, io: Io): Promise<void> {
  return whileLocked(() => guard.lock(), Math.max(waitMs, LEAST_WAIT_MS), sayAndWait(io));
}

async function whileLocked<T>(
  take: () => Promise<T>,
  waitMs: number,
  wait: (error: VzError) => Promise<void>,
): Promise<T> {
  const deadlineMs = Date.now() + waitMs;
  for (;;) {
    try {
      return await take();
    } catch (error) {
      const retry = error instanceof VzError && error.exit === EXIT.tempFail && Date.now() < deadlineMs;
      if (!retry) throw error;
      await wait(error);
    }
  }
}

function sayAndWait({ log, signal }: Io): (error: VzError) => Promise<void> {
  return async ({ line }) => {
    log.info(`${line}; waiting`);
    await sleep(RETRY_MS, undefined, { signal });
  };
}

/**
 * What was found before the lock was ours may be out of date: the holder that we waited for may have started or
 * stopped the container. Throws VzError (75), and as `readUsableStatus`.
 */
export async function requireUnchanged(
  host: Host,
  ctid: string,
  wasRunning: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { running } = await readUsableStatus(host, ctid, signal);
  if (running === wasRunning) return;
  throw new VzError('STATE_CHANGED', {
    exit: EXIT.tempFail,
    where: `ct ${ctid}`,
    what: `was ${running ? 'started' : 'stopped'} by somebody else meanwhile`,
    hint: 'look at why, and run it again',
  });
}

/**
 * Lets a guard go. When it was killed, or the link to it is lost, a second one waits for it to be done, and does what is
 * left to do. Never throws: the run has its own outcome, and what is wrong here is said.
 */
export async function letGuardGo(guard: Guard, host: Host, options: GuardOptions, io: Io): Promise<void> {
  const complaint = await guard.release();
  if (complaint) io.log.error(complaint.line);
  const { vanished } = guard;
  if (!vanished) return;
  const where = `ct ${options.ctid}`;
  try {
    // One whose link is lost has the lock until it is done. Nobody interrupts that.
    const next = await whileLocked(
      () => Guard.start(host, options),
      LEAST_WAIT_MS,
      () => sleep(RETRY_MS),
    );
    const failed = await next.release();
    if (failed) throw failed;
    if (next.recovered) io.log.warning(`${where}: its guard was killed; it was started again by another`);
  } catch (error) {
    const duty = vanished.owesStart ? 'starts the container' : 'undoes what was made for the export';
    io.log.error(
      `${where}: nothing is heard of its guard, which ${duty} where it lives: ${toError(error).message}; check with: vzctl status ${options.ctid}`,
    );
  }
}
