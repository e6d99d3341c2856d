import type { VzMigration } from '../../documents/documents.ts';
import { EXIT, VzError } from '../../errors.ts';
import type { Run } from '../run.ts';
import { uninterrupted } from '../run.ts';
import { settleGuard } from '../source/guard.ts';
import { lookFirst } from '../target/look.ts';
import { ourTarget } from '../target/shown.ts';
import { changesSinceSwitch, MOST_CHANGES } from '../target/switch-snapshot.ts';
import { goBack } from '../transfer/go-back.ts';
import { isUntouched, mayHaveStarted } from '../transfer/times.ts';
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
  if (step === 'switching') await lookFirst(run, () => settleGuard(run));
  if (step !== 'returning' && (await mayHaveRun(run)))
    await lookFirst(run, () => refuseLoss(run, dropChanges));
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

/** One that nobody of us has started may have been started by somebody else. */
async function mayHaveRun(run: Run): Promise<boolean> {
  const { document } = run.journal;
  if (mayHaveStarted(document)) return true;
  const { root } = run;
  if (!root || isUntouched(document)) return false;
  const shown = await lookFirst(run, () => ourTarget(run, root));
  return shown !== null && shown.state !== 'stopped' && shown.state !== 'staged';
}

async function refuseLoss(run: Run, dropChanges: boolean): Promise<void> {
  const { root } = run;
  if (!root) return;
  const { ctid } = run.journal.document;
  const changes = await changesSinceSwitch(run, root);
  if (changes?.length === 0) return;
  if (changes) run.io.log.block(`${shorten(changes).join('\n')}\n`);
  if (dropChanges) return;
  throw new VzError('CHANGES', {
    exit: EXIT.refused,
    where: `ct ${ctid}`,
    what: changes
      ? `${count(changes.length)} on the new node since the transfer would be lost`
      : 'nobody knows what has changed on the new node since the transfer, and it would be lost',
    hint: 'save what is wanted, then say --drop-changes',
  });
}

function shorten(changes: readonly string[]): readonly string[] {
  const more = changes.length - SHOWN;
  return more > 0 ? [...changes.slice(0, SHOWN), `... and ${more}${orMore(changes.length)}`] : changes;
}

function count(changes: number): string {
  return changes === 1 ? '1 change' : `${changes}${orMore(changes)} changes`;
}

function orMore(changes: number): string {
  return changes >= MOST_CHANGES ? ' or more' : '';
}

const SHOWN = 50;
