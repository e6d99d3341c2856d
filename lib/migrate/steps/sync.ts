import { formatBytes, formatDuration } from '../../cli/units.ts';
import type { Pass, VzMigration } from '../../documents/vz-migration.ts';
import type { Run } from '../run.ts';
import { recoverSource } from '../source/give-back.ts';
import { removeSwitchSnapshot } from '../target/switch-snapshot.ts';
import { wayOf } from '../ways.ts';
import { wrongStep } from './wrong-step.ts';

/** One pass of data, while the container runs. Can be repeated as often as wanted; each is shorter than the one before. */
export async function sync(run: Run): Promise<void> {
  await readyForData(run, 'sync');
  await onePass(run);
}

/** A pass, with the step that follows from it. */
export async function onePass(run: Run): Promise<Pass> {
  const { ctid, step } = run.journal.document;
  // It would take all that this pass and later ones send for changes made there.
  if (step === 'returned' && run.root) await removeSwitchSnapshot(run, run.root);
  const pass = await wayOf(run.journal.document).pass(run);
  await run.journal.save({ step: 'synced' });
  const rate = formatBytes(Math.round((Number(pass.bytes) * 1000) / Math.max(1, pass.ms)));
  run.io.log.info(
    `ct ${ctid}: ${HOW[pass.how]}, ${formatBytes(BigInt(pass.bytes))} in ${formatDuration(pass.ms)} (${rate}/s)`,
  );
  return pass;
}

/**
 * Data may be sent: the target is staged, and what a dead run left of a transfer is set right. After a return to the
 * source the data may be sent anew where root sends it; over the receive protocol the target takes no more. Throws VzError (78).
 */
export async function readyForData(run: Run, verb: string): Promise<void> {
  const { document } = run.journal;
  requireDataStep(document, verb);
  if (document.step === 'stopping') await recoverSource(run);
}

/** Throws VzError (78) where no data can be sent now; see `readyForData`. */
export function requireDataStep(document: VzMigration, verb: string): void {
  const { step, destination } = document;
  if (step === 'staged' || step === 'synced' || step === 'stopping') return;
  if (step === 'returned' && destination.via === 'root') return;
  throw wrongStep(document, verb);
}

const HOW: Readonly<Record<Pass['how'], string>> = {
  base: 'all data sent',
  increment: 'what has changed was sent',
  tar: 'all files sent',
  rsync: 'what has changed was sent',
};
