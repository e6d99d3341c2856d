import { PassThrough, type Readable } from 'node:stream';
import type { ExitCode } from '../errors.ts';
import type { Io } from './io.ts';

/** What a program does with its streams. Its failures are thrown, as by all that have one container. */
export type Stage = (io: Io) => Promise<ExitCode>;

/**
 * Runs programs as a pipe does, in one process, from `input` to `io.stdout`. When one fails, the others are aborted with its
 * error as the reason, which is thrown once all have ended: a guard among them has its container running again then.
 */
export async function joinStages(io: Io, input: Readable, stages: readonly Stage[]): Promise<void> {
  const abort = new AbortController();
  const signal = AbortSignal.any([io.signal, abort.signal]);
  let stdin = input;
  const runs = stages.map(async (stage, index) => {
    const between = index < stages.length - 1 ? new PassThrough({ highWaterMark: BETWEEN_BYTES }) : null;
    const streams = { stdin, stdinIsTty: false, stdout: between ?? io.stdout };
    if (between) stdin = between;
    // What stands in the middle writes to no terminal, and draws progress where the whole may.
    const looks = between ? { stdoutIsTty: false } : {};
    try {
      await stage({ ...io, ...streams, ...looks, signal, abort: (reason) => abort.abort(reason) });
      between?.end();
    } catch (error) {
      abort.abort(error);
      between?.destroy();
      throw error;
    }
  });
  const failed = (await Promise.allSettled(runs)).find((result) => result.status === 'rejected');
  if (abort.signal.aborted && !io.signal.aborted) throw abort.signal.reason;
  if (failed) throw failed.reason;
}

/** A wait for each 64 KiB would cost a tenth of the rate. */
const BETWEEN_BYTES = 512 * 1024;
