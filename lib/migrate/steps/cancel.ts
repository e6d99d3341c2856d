import type { VzMigration } from '../../documents/documents.ts';
import { EXIT, VzError } from '../../errors.ts';
import type { Run } from '../run.ts';
import { recoverSource } from '../source/give-back.ts';
import { wayOf } from '../ways.ts';
import { removeSourceSnapshots } from '../zfs/source-snapshots.ts';
import type { StepOptions } from './step.ts';

/**
 * Ends a migration that has not come to the point of no return, or has come back from it: the target is gone, and proved to
 * be, the source is as it was, without snapshots of ours. Returns with the journal's step `cancelling`; whoever called
 * removes it. Throws VzError: 78 in any other state, 69 and 75 when the target does not answer (`force` leaves it then).
 */
export async function cancel(run: Run, { force }: StepOptions): Promise<void> {
  const { ctid, step } = run.journal.document;
  const where = `ct ${ctid}`;
  requireCancellable(run.journal.document);
  if (step === 'stopping') await recoverSource(run);
  await run.journal.save({ step: 'cancelling' });
  try {
    await wayOf(run.journal.document).discard(run);
  } catch (error) {
    if (!force || !(error instanceof VzError)) throw error;
    run.io.log.warning(`${where}: what is on the new node is left there: ${error.line}`);
  }
  await removeSourceSnapshots(run);
  run.io.log.info(`${where}: cancelled`);
}

/** Throws VzError (78) between the point of no return and the end of a return from it. */
export function requireCancellable({ ctid, step }: VzMigration): void {
  if (step !== 'switching' && step !== 'returning' && step !== 'transferred' && step !== 'cleaning') return;
  throw new VzError('WRONG_STEP', {
    exit: EXIT.refused,
    where: `ct ${ctid}`,
    what: `cannot be cancelled any more: the migration is ${step}`,
    hint: step === 'cleaning' ? 'run cleanup again' : 'rollback brings it back',
  });
}
