import { toError, VzError } from '../../errors.ts';
import { readStatus } from '../../source/status.ts';
import type { Run } from '../run.ts';
import { setBoot, vzctl } from './boot.ts';
import { settleGuard } from './guard.ts';

/**
 * The source as it was before the transfer: it may start again by itself, and runs if it ran. Every part of it is looked at
 * first, so it can be called again. Throws VzError as vzctl fails; the journal says then what is left to do.
 */
export async function giveBack(run: Run): Promise<void> {
  const { onboot, disabled, wasRunning } = run.journal.document.source;
  if (disabled !== null) {
    await setBoot(run, { disabled }, { guarded: false });
    await run.journal.save({ source: { ...run.journal.document.source, disabled: null } });
  }
  if (wasRunning === true) await startSource(run);
  if (onboot !== null) {
    await setBoot(run, { onboot }, { guarded: false });
    await run.journal.save({ source: { ...run.journal.document.source, onboot: null } });
  }
}

/** What a dead run has left of a transfer that had not come to the point of no return: the guard, the container, its settings. */
export async function recoverSource(run: Run): Promise<void> {
  const { ctid } = run.journal.document;
  await settleGuard(run);
  await giveBack(run);
  await run.journal.save({ step: backStep(run) });
  run.io.log.warning(`ct ${ctid}: an earlier transfer was broken off; the container is as it was before it`);
}

/** The same at the end of a run of our own that failed: what is wrong here is said, and the run has its own error. */
export async function tryGiveBack(run: Run): Promise<void> {
  const { ctid } = run.journal.document;
  try {
    // Else a run after one that dies here would go on to the target, with the source started.
    if (run.journal.document.step === 'switching') await run.journal.save({ step: 'stopping' });
    await giveBack(run);
    await run.journal.save({ step: backStep(run) });
  } catch (error) {
    run.io.log.error(
      `ct ${ctid}: could not be made as it was: ${toError(error).message}; the next run tries again, or look: vzctl status ${ctid}`,
    );
  }
}

/** Where a migration is whose transfer has done nothing to the target. */
export function backStep(run: Run): 'staged' | 'synced' {
  return run.journal.document.sync.passes.length === 0 ? 'staged' : 'synced';
}

/** One that is disabled ran all the same, so it shall run: as the guard does it. */
async function startSource(run: Run): Promise<void> {
  const { ctid } = run.journal.document;
  if ((await readStatus(run.source, ctid)).running) return;
  try {
    await vzctl(run, ['start', ctid], { guarded: false });
  } catch (error) {
    if (!(error instanceof VzError) || error.code !== 'DISABLED') throw error;
    await vzctl(run, ['start', ctid, '--force'], { guarded: false });
  }
}
