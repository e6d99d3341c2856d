import type { VzMigration } from '../../documents/documents.ts';
import { EXIT, VzError } from '../../errors.ts';
import type { Run } from '../run.ts';
import { uninterrupted } from '../run.ts';
import { changesSinceSwitch } from '../target/switch-snapshot.ts';
import { goBack } from '../transfer/go-back.ts';
import type { StepOptions } from './step.ts';

/**
 * Back to the source after a transfer. What has changed on the target since is listed, and lost. Throws VzError: 78 while
 * nobody has said that it may be, 76 when the target cannot be asked.
 */
export async function rollback(run: Run, { hooksDir, dropChanges }: StepOptions): Promise<void> {
  const { ctid, step } = run.journal.document;
  const where = `ct ${ctid}`;
  if (step === 'returned') {
    run.io.log.info(`${where}: is back already`);
    return;
  }
  requireMoved(run.journal.document);
  if (step !== 'returning') await refuseLoss(run, dropChanges);
  await goBack(uninterrupted(run), hooksDir);
}

/** Throws VzError (78) unless the point of no return is behind. */
export function requireMoved({ ctid, step }: VzMigration): void {
  if (step === 'transferred' || step === 'switching' || step === 'returning') return;
  throw new VzError('WRONG_STEP', {
    exit: EXIT.refused,
    where: `ct ${ctid}`,
    what: `nothing to take back: the migration is ${step}`,
    hint: step === 'cleaning' ? 'cleanup has begun' : 'cancel ends it',
  });
}

async function refuseLoss(run: Run, dropChanges: boolean): Promise<void> {
  const { root } = run;
  if (!root) return;
  const { ctid } = run.journal.document;
  const changes = await changesSinceSwitch(run, root);
  if (changes?.length === 0) return;
  if (changes) run.io.log.block(`${changes.slice(0, SHOWN).join('\n')}\n`);
  if (dropChanges) return;
  const count =
    changes === null
      ? 'nobody knows what'
      : `${changes.length}${changes.length >= 200 ? ' or more' : ''} files`;
  throw new VzError('CHANGES', {
    exit: EXIT.refused,
    where: `ct ${ctid}`,
    what: `${count} changed on the new node since the transfer, and would be lost`,
    hint: 'save them, then say --drop-changes',
  });
}

const SHOWN = 50;
