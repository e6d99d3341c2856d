import { EXIT, VzError } from '../../errors.ts';
import { readUsableStatus } from '../../export/usable-status.ts';
import { runHook } from '../hooks.ts';
import { orWarn, type Run } from '../run.ts';
import { backStep, giveBack } from '../source/give-back.ts';
import { lookBefore, lookFirst } from '../target/look.ts';
import { setAutostart, stopTarget } from '../target/node.ts';
import { ourTarget } from '../target/shown.ts';
import { wayOf } from '../ways.ts';
import { isStagedStill } from '../zfs/still-staged.ts';
import { isUntouched, noteTime } from './times.ts';

/**
 * From behind the point of no return back to the source: the target is stopped and kept from starting first, and only when
 * that is proved is the source started. What nothing was done to cannot start, and is not asked. Can be called again. Throws
 * VzError: as `readUsableStatus` and `lookBefore` where there is no source to go back to, with the target as it was; 78 without a
 * root session, unless it was never taken over; as `lookFirst`, and 76, when the target cannot be asked, with neither side
 * touched; 69.
 */
export async function goBack(run: Run, hooksDir: string | undefined): Promise<void> {
  const { ctid } = run.journal.document;
  const { root } = run;
  const cannotStart = isUntouched(run.journal.document);
  if (!root && !cannotStart && !(await lookFirst(run, () => isStagedStill(run)))) throw nobodyCanProve(ctid);
  // Before the target is stopped: what cannot be started here would run nowhere.
  await lookBefore(run, () => readUsableStatus(run.source, ctid, run.io.signal));
  const shown = root && !cannotStart && (await lookFirst(run, () => ourTarget(run, root)));
  await run.journal.save({ step: 'returning' });
  if (root && shown) {
    await stopTarget(run, root);
    // What cannot start needs no more: the source must not stay down for it.
    await orWarn(run, () => setAutostart(run, root, false));
    await wayOf(run.journal.document).withhold(run);
  }
  await giveBack(run);
  await noteTime(run, 'runningAt');
  // What nothing was done to takes more data, over the receive protocol as well.
  await run.journal.save({ step: cannotStart ? backStep(run) : 'returned' });
  run.io.log.info(`ct ${ctid}: the source is as it was; the copy on the new node cannot start`);
  await runHook(run, hooksDir, 'returned');
}

/** Why there is no way back where the new node has no root session for us. */
export function nobodyCanProve(ctid: string): VzError {
  return new VzError('NO_ROOT_SESSION', {
    exit: EXIT.refused,
    where: `ct ${ctid}`,
    what: 'without a root session on the new node nobody can prove that the container does not run there',
    hint: `stop it there as root, then start it here by hand: vzctl set ${ctid} --disabled no --save; vzctl start ${ctid}`,
  });
}
