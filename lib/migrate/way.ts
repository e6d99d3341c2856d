import type { Pass } from '../documents/vz-migration.ts';
import type { Guard } from '../guard/guard.ts';
import type { Run } from './run.ts';

/** What the last pass, with the container down, would take now. */
export interface Prediction {
  /** Looking for what has changed. */
  readonly walkMs: number;
  /** Sending it. */
  readonly dataMs: number;
}

/** The pass with the container down. */
export interface LastPass {
  /** Whether its root filesystem must stay mounted when it is stopped. */
  readonly stop: 'mounted' | 'unmounted';
  /** The guard has stopped it. Less than everything is an error. Throws as `pass`. */
  readonly send: (guard: Guard) => Promise<Pass>;
}

/** A way the data goes. Each function can be called again after it was broken off anywhere, and looks before it acts. */
export interface Way {
  /**
   * Makes the container on the target, where it cannot start. Ends with `step: 'staged'` and `target` in the journal.
   * Throws VzError: 78 the target refuses, 69, 75, 76.
   */
  readonly make: (run: Run) => Promise<void>;
  /** One pass while the container runs, or is down by itself. Writes what it did to `sync`. Throws VzError: 69, 74, 75, 65. */
  readonly pass: (run: Run) => Promise<Pass>;
  /** What the last pass would take, by the passes so far and, where it can be asked, what has changed since. */
  readonly predict: (run: Run) => Promise<Prediction>;
  /** All of the last pass that can be done before the container is stopped. Throws as `pass`. */
  readonly prepareLast: (run: Run) => Promise<LastPass>;
  /**
   * Behind the point of no return: makes of the data a container that can be started (`stopped` in `osctl ct show`).
   * Throws VzError: 69 proved not done, 76 nobody knows.
   */
  readonly commit: (run: Run) => Promise<void>;
  /** The reverse of `commit`: after it nothing can start there, whatever somebody types. Throws VzError: 69, 76. */
  readonly withhold: (run: Run) => Promise<void>;
  /** Removes everything from the target, and proves that it is gone. Throws VzError: 69, 75, 76. */
  readonly discard: (run: Run) => Promise<void>;
  /** After the move: removes what only the migration needed there: snapshots, the attribute, the token. Throws VzError: 69, 75. */
  readonly finish: (run: Run) => Promise<void>;
}
