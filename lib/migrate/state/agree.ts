import type { VzMigration } from '../../documents/documents.ts';
import { EXIT, VzError } from '../../errors.ts';
import { statePath } from './store.ts';

/**
 * Refuses a document of stdin that is not what the state directory says: the state is the truth, and the document only says
 * which migration is meant, and that whoever gave it knows where it is. Throws VzError: 65 an older one, 66 no state at all, 78
 * of another migration, or newer than the state.
 */
export function requireAgreement(
  given: VzMigration,
  stored: VzMigration | null,
  { directory, name }: { readonly directory: string; readonly name: string },
): void {
  const where = name;
  if (stored === null) {
    throw new VzError('NO_MIGRATION', {
      exit: EXIT.noInput,
      where,
      what: `the state directory ${directory} knows nothing of the migration of this document`,
      hint: 'has it ended, or is it kept in another --state-dir, or on another machine?',
    });
  }
  if (given.id !== stored.id) {
    throw new VzError('OTHER_MIGRATION', {
      exit: EXIT.refused,
      where,
      what: 'the document is of another migration than the one that is under way',
      hint: 'name the container instead to go on with that one',
    });
  }
  if (given.revision < stored.revision) {
    throw new VzError('STALE_DOCUMENT', {
      exit: EXIT.data,
      where,
      what: `the document is older than the state (revision ${given.revision} of ${stored.revision}): something was done since`,
      hint: 'name the container instead, or take the document of the last step',
    });
  }
  if (given.revision > stored.revision) {
    throw new VzError('STATE_BEHIND', {
      exit: EXIT.refused,
      where: statePath(directory, name),
      what: `the state is older than the document (revision ${stored.revision}, not ${given.revision}): was it restored from a backup?`,
      hint: 'look at both nodes, then put the document in its place',
    });
  }
}
