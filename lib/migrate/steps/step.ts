import type { Selection } from '../../guest/select.ts';
import type { Run } from '../run.ts';

/** What a run does to a migration. `now` is all of it up to the transfer. */
export const STEP_NAMES = ['stage', 'sync', 'transfer', 'cleanup', 'rollback', 'cancel', 'now'] as const;
export type StepName = (typeof STEP_NAMES)[number];

/** What the user asked a step for; undefined: not said. */
export interface StepOptions {
  /** The container is not stopped when it would be down for longer. */
  readonly maxDowntimeMs: number | undefined;
  /** Directory of programs that are told how far it is; see hooks.ts. */
  readonly hooksDir: string | undefined;
  /** What is changed in the guest before it starts on the new node; null: nothing. */
  readonly guestFix: Selection | null;
  /** The container's config may have changed since stage. */
  readonly acceptDrift: boolean;
  /** Of cleanup: the old container goes, too. */
  readonly deleteSource: boolean;
  /** The id, said once more. */
  readonly confirm: string | undefined;
  /** Of cancel: go on though the target does not answer. */
  readonly force: boolean;
  /** Of rollback: what has changed on the target since may be lost. */
  readonly dropChanges: boolean;
  /** Nobody is asked. */
  readonly yes: boolean;
  /** Only say what would be done: no step is run then. */
  readonly dryRun: boolean;
}

/**
 * A step can be run again after it was broken off anywhere. One that ends with the journal's step at `cleaning` or
 * `cancelling` has ended the migration, and whoever called it removes the document. Throws VzError.
 */
export type Step = (run: Run, options: StepOptions) => Promise<void>;
export type Steps = Readonly<Record<StepName, Step>>;
