import type { VzMigration } from '../../documents/documents.ts';
import type { MigrationStep } from '../../documents/vz-migration.ts';
import { EXIT, VzError } from '../../errors.ts';

/** What a step says (78) that does not fit how far the migration is, with what can be done instead. */
export function wrongStep({ ctid, step }: VzMigration, verb: string): VzError {
  return new VzError('WRONG_STEP', {
    exit: EXIT.refused,
    where: `ct ${ctid}`,
    what: `no ${verb} now: the migration is ${step}`,
    hint: INSTEAD[step],
  });
}

const INSTEAD: Readonly<Record<MigrationStep, string>> = {
  staging: 'run stage again',
  staged: 'run sync',
  synced: 'run sync or transfer',
  stopping: 'run transfer again, or cancel',
  switching: 'run transfer again, or rollback',
  transferred: 'it has moved; cleanup ends the migration, rollback brings it back',
  returning: 'run rollback again',
  returned: 'run cancel, then stage anew',
  cancelling: 'run cancel again',
  cleaning: 'run cleanup again',
};
