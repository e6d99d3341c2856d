import type { Writable } from 'node:stream';
import { UNWRITTEN_BYTES } from '../bundle/drain.ts';
import type { Io } from '../cli/io.ts';
import { formatBytes } from '../cli/units.ts';
import { EXIT, VzError } from '../errors.ts';

export interface StallOptions {
  readonly output: Writable;
  readonly stallMs: number;
  /** Time counts only while this is so. */
  readonly counts: () => boolean;
  /** Why it matters, as the end of a sentence: `while the container is down`. */
  readonly why: string;
  /** Called on a stall, with a VzError (74). */
  readonly abort: Io['abort'];
}

/** A full pipe that does not drain (see `writeAhead`) for `stallMs` ends the run. Returns what ends the watch. */
export function watchStall({ output, stallMs, counts, why, abort }: StallOptions, where: string): () => void {
  let movedMs = Date.now();
  const moved = (): void => {
    movedMs = Date.now();
  };
  output.on('drain', moved);
  const timer = setInterval(
    () => {
      if (!output.writableNeedDrain || !counts()) moved();
      if (Date.now() - movedMs < stallMs) return;
      abort(
        new VzError('STALLED', {
          exit: EXIT.io,
          where,
          what: `the reader of stdout took less than ${formatBytes(UNWRITTEN_BYTES)} in ${Math.round(stallMs / 1000)} s ${why}`,
          hint: 'write to a file first, or allow more with --stall',
        }),
      );
    },
    Math.min(1000, stallMs / 2),
  );
  return () => {
    clearInterval(timer);
    output.off('drain', moved);
  };
}
