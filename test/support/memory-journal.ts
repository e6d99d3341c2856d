import type { VzMigration } from '../../lib/documents/documents.ts';
import { validateDocument } from '../../lib/documents/validate.ts';
import type { Change, Journal } from '../../lib/migrate/journal.ts';

/** A journal that keeps its document in memory, valid after every write, and what it was told in order. */
export class MemoryJournal implements Journal {
  document: VzMigration;
  /** `begin WHAT` and `end WHAT`. */
  readonly notes: string[] = [];
  /** Called behind each note: throw here to die there. */
  onNote: (note: string) => void = () => {};

  constructor(document: VzMigration) {
    this.document = document;
  }

  save = async (change: Change): Promise<void> => {
    const next = { ...this.document, ...change, revision: this.document.revision + 1 };
    this.document = validateDocument(JSON.parse(JSON.stringify(next)), 'vz-migration', 'test');
  };

  effect = async <T>(
    what: string,
    act: () => Promise<T>,
    cameOf?: (result: T, document: VzMigration) => Change,
  ): Promise<T> => {
    await this.save({ doing: { effect: what, since: new Date().toISOString() } });
    this.#note(`begin ${what}`);
    const result = await act();
    this.#note(`end ${what}`);
    await this.save({ ...cameOf?.(result, this.document), doing: null });
    return result;
  };

  #note(note: string): void {
    this.notes.push(note);
    this.onNote(note);
  }
}
