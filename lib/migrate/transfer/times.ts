import type { VzMigration } from '../../documents/documents.ts';
import type { Run } from '../run.ts';

type Times = NonNullable<VzMigration['transfer']>;

/** Of a transfer that has not begun. */
export const NO_TIMES: Times = {
  predictedMs: null,
  stoppedAt: null,
  committingAt: null,
  startingAt: null,
  runningAt: null,
};

/** Notes when something happened, or is about to. */
export async function noteTime(
  { journal }: Run,
  what: Exclude<keyof Times, 'predictedMs'>,
  at: Date | null = new Date(),
): Promise<void> {
  const times = journal.document.transfer ?? NO_TIMES;
  await journal.save({ transfer: { ...times, [what]: at?.toISOString() ?? null } });
}

/** Nothing was done to the target since the last pass, so that it cannot start. */
export function isUntouched({ transfer }: VzMigration): boolean {
  return transfer !== null && transfer.committingAt === null;
}

/** The target may have been started by us, or by whom we have told how. */
export function mayHaveStarted({ step, transfer }: VzMigration): boolean {
  return step === 'transferred' || transfer === null || transfer.startingAt !== null;
}
