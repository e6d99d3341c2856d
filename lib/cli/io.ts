import type { Readable, Writable } from 'node:stream';
import type { Log } from './log.ts';

/** What a program's action gets instead of `process`, so that a test can call it as it is. */
export interface Io {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stdinIsTty: boolean;
  readonly stdoutIsTty: boolean;
  readonly signal: AbortSignal;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
}
