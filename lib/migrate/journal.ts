import type { VzMigration } from '../documents/documents.ts';

/** What a step may change; `revision` is counted, and what names the migration stays. */
export type Change = Partial<Omit<VzMigration, 'kind' | 'schema' | 'ctid' | 'id' | 'revision'>>;

/** The document of a migration, on disk before and after each outside effect, and never half a one. */
export interface Journal {
  readonly document: VzMigration;
  /** Writes it durably. Throws VzError (74, 73). */
  readonly save: (change: Change) => Promise<void>;
  /**
   * Writes that `what` (a few words for people: `osctl ct start`) is about to be done, does it, and writes what came of it.
   * When `act` throws, the note stays: the next run looks at what there is, and does not trust the note.
   */
  readonly effect: <T>(
    what: string,
    act: () => Promise<T>,
    cameOf?: (result: T, document: VzMigration) => Change,
  ) => Promise<T>;
}
