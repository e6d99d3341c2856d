import type { Readable, Writable } from 'node:stream';
import type { VzError } from '../errors.ts';
import type { Log } from './log.ts';

/** What a program's action gets instead of `process`, so that a test can call it as it is. */
export interface Io {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stdinIsTty: boolean;
  readonly stdoutIsTty: boolean;
  readonly stderrIsTty: boolean;
  /** Or a socket: another program reads it. */
  readonly stdoutIsPipe: boolean;
  readonly signal: AbortSignal;
  /** Ends the run from within, for a reason that makes its output worthless: `signal` is aborted with it. */
  readonly abort: (reason: VzError) => void;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
}
