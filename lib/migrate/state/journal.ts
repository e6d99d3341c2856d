import type { VzMigration } from '../../documents/documents.ts';
import type { Change, Journal } from '../journal.ts';
import { saveMigration } from './store.ts';

/**
 * The journal of a migration whose lock we hold. `document` is what is on disk, or a new one, which is there from the first
 * write on. Writes follow one another in the order in which they were asked for; one that fails changes nothing. `say` is told
 * each effect: of a script, its command line does not tell.
 */
export function openJournal(
  directory: string,
  document: VzMigration,
  say: (line: string) => void = () => {},
): Journal {
  let current = document;
  let last: Promise<void> = Promise.resolve();
  const save = (change: Change): Promise<void> => {
    const writing = last.then(async () => {
      const changed = { ...current, ...change, revision: current.revision + 1 };
      await saveMigration(directory, changed);
      current = changed;
    });
    last = writing.catch(() => {});
    return writing;
  };
  return {
    get document() {
      return current;
    },
    save,
    effect: async (what, act, cameOf) => {
      say(what);
      await save({ doing: { effect: what.slice(0, LONGEST), since: new Date().toISOString() } });
      const result = await act();
      await save({ ...cameOf?.(result, current), doing: null });
      return result;
    },
  };
}

/** As the document has it. */
const LONGEST = 200;
