import { readStatus } from '../../source/status.ts';
import { rootOf } from '../files/node-script.ts';
import type { Run } from '../run.ts';
import { readBoot } from '../source/boot.ts';
import { letRunGuardGo, patienceMs, takeRunGuard } from '../source/guard.ts';
import { lookFirst } from '../target/look.ts';
import { ourTarget } from '../target/shown.ts';
import { removeSwitchSnapshot } from '../target/switch-snapshot.ts';
import { wayOf } from '../ways.ts';
import { isStagedStill } from '../zfs/still-staged.ts';
import type { Stopped } from './stop.ts';
import { requireDown, requireSealed } from './switch.ts';
import { isUntouched, mayHaveStarted, NO_TIMES } from './times.ts';

/**
 * What is left to be done at the point of no return, and behind it, by a run that goes on from one that has died there:
 *
 * - `anew`: all. The source runs, since its guard was not told any more, or somebody has started it.
 * - `send`: it is down, and nothing on the target can start. Somebody may have started and stopped it since, so that the last
 *   pass is made once more; the guard has its lock.
 * - `arrive`: no data can be sent any more, and the source was kept from starting meanwhile.
 */
export type Resumed =
  | { readonly left: 'anew' }
  | { readonly left: 'send'; readonly stopped: Stopped }
  | { readonly left: 'arrive' };

/**
 * Finds out what is left, with a guard: the one of the dead run has ended then. Throws VzError: 78 when the source runs, or may
 * have run, and the target has been taken over; 75 locked; as `lookFirst`.
 */
export async function resume(run: Run): Promise<Resumed> {
  const guard = await lookFirst(run, () => takeRunGuard(run, { waitMs: patienceMs(run) }));
  let isKept = false;
  try {
    const { document } = run.journal;
    if (
      isUntouched(document) &&
      (await lookFirst(run, () => readStatus(run.source, document.ctid))).running
    ) {
      await run.journal.save({ step: 'stopping' });
      return { left: 'anew' };
    }
    await lookFirst(run, () => requireDown(run));
    if (!(await canSend(run))) {
      await lookFirst(run, () => requireSealed(run));
      return { left: 'arrive' };
    }
    const { disabled } = await lookFirst(run, () => readBoot(run, false));
    isKept = true;
    return { left: 'send', stopped: { guard, wasRunning: false, disabled } };
  } finally {
    if (!isKept) await letRunGuardGo(run, guard);
  }
}

/** Whether data can be sent once more, to a target that cannot start. One that was taken over, and not started, is withheld. */
async function canSend(run: Run): Promise<boolean> {
  const { document } = run.journal;
  if (isUntouched(document)) return true;
  if (mayHaveStarted(document)) return false;
  if (document.destination.via === 'receive') {
    if (!(await lookFirst(run, () => isStagedStill(run)))) return false;
  } else {
    const root = rootOf(run);
    if ((await lookFirst(run, () => ourTarget(run, root)))?.state !== 'stopped') return false;
    await wayOf(document).withhold(run);
    await removeSwitchSnapshot(run, root);
  }
  // What was done in it goes with the pass.
  await run.journal.save({
    transfer: { ...(document.transfer ?? NO_TIMES), committingAt: null },
    guestFix: undefined,
  });
  return true;
}
