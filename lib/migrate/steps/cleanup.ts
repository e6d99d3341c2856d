import { EXIT, VzError } from '../../errors.ts';
import type { Run } from '../run.ts';
import { confirmDeletion, destroySource } from '../source/destroy.ts';
import { ourTarget } from '../target/shown.ts';
import { removeSwitchSnapshot } from '../target/switch-snapshot.ts';
import { wayOf } from '../ways.ts';
import { removeSourceSnapshots } from '../zfs/source-snapshots.ts';
import type { StepOptions } from './step.ts';

/**
 * Ends a migration that has moved its container: what only the move needed is gone from both ends, and with `deleteSource`
 * the old container. Returns with the journal's step `cleaning`; whoever called removes it. Throws VzError: 78 before the
 * transfer, or when the target was not seen to run and the source should go; 64 for a wrong id.
 */
export async function cleanup(run: Run, options: StepOptions): Promise<void> {
  const { ctid, step } = run.journal.document;
  if (step !== 'transferred' && step !== 'cleaning') {
    throw new VzError('WRONG_STEP', {
      exit: EXIT.refused,
      where: `ct ${ctid}`,
      what: `nothing to clean up: the migration is ${step}`,
      hint: step === 'returned' ? 'cancel ends it' : 'transfer comes first',
    });
  }
  if (options.deleteSource) {
    await confirmDeletion(run, options);
    await requireTarget(run);
  }
  await run.journal.save({ step: 'cleaning' });
  if (run.root) await removeSwitchSnapshot(run, run.root);
  await removeSourceSnapshots(run);
  if (options.deleteSource) await destroySource(run);
  // Last: without the attribute, a run that has to go on would not know the new container any more.
  await wayOf(run.journal.document).finish(run);
  run.io.log.info(
    `ct ${ctid}: cleaned up${options.deleteSource ? '; the old container is gone' : '; the old container is kept, disabled'}`,
  );
}

/** Nothing is deleted as long as nobody has seen the new one: it exists, and has been started. */
async function requireTarget(run: Run): Promise<void> {
  const { ctid, source, transfer } = run.journal.document;
  const refuse = (what: string): VzError =>
    new VzError('NOT_PROVEN', {
      exit: EXIT.refused,
      where: `ct ${ctid}`,
      what: `${what}; the old container is not deleted`,
      hint: 'without --delete, cleanup keeps it',
    });
  if (!run.root) throw refuse('without a root session on the new node nobody can see the new container');
  const shown = await ourTarget(run, run.root);
  if (!shown) throw refuse('the new container is gone');
  const hasRun = transfer?.runningAt != null || shown.state === 'running';
  if (!hasRun && source.wasRunning !== false) throw refuse('the new container has never been seen to run');
}
