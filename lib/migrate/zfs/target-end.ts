import type { PayloadSink } from '../../bundle/writer.ts';
import type { VzError } from '../../errors.ts';

export interface StreamToTarget {
  /** Relative to the root dataset. */
  readonly dataset: string;
  readonly verb: 'base' | 'incremental';
  /** What the stream ends at. */
  readonly snapshot: string;
  /** Writes the stream; throws when it is not whole, and then its end was not written. */
  readonly feed: (sink: PayloadSink) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Who takes the streams of a migration on the target. */
export interface TargetEnd {
  /** Names of the snapshots that a dataset there has; null: nobody can look. Throws VzError (69). */
  readonly look: ((dataset: string) => Promise<readonly string[]>) | null;
  /**
   * Sends one stream. Returns null when it was received, or why it was not: then it is known not to be there, and with the
   * code STREAM_REFUSED it was zfs that would not have it. Throws VzError when nobody knows (75, 69).
   */
  readonly take: (stream: StreamToTarget) => Promise<VzError | null>;
}

/** Code of the error of a stream that zfs would not receive: it builds on what is not there, or there is no room. */
export const STREAM_REFUSED = 'STREAM_REFUSED';
