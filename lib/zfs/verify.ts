import { writeAhead } from '../bundle/drain.ts';
import type { Io } from '../cli/io.ts';
import { counted, type Progress, regularFileBytes } from '../cli/progress.ts';
import { StreamCheck } from './stream-check.ts';

export interface VerifyStreamOptions {
  readonly raw: boolean;
  readonly progress: Progress;
}

/**
 * Checks the send stream on `io.stdin`; its summary goes to stdout as one JSON object, or, with `raw`, to stderr while the
 * data goes on to stdout. Throws VzError (65).
 */
export async function verifyStream(io: Io, { raw, progress }: VerifyStreamOptions): Promise<void> {
  const check = new StreamCheck();
  const size = regularFileBytes(io.stdin);
  if (size !== null) progress.expect(size);
  try {
    for await (const chunk of counted(io.stdin, progress)) {
      io.signal.throwIfAborted();
      check.push(chunk);
      if (raw) await writeAhead(io.stdout, chunk, io.signal);
    }
  } finally {
    progress.stop();
  }
  io.signal.throwIfAborted();
  const summary = `${JSON.stringify(check.end())}\n`;
  if (raw) io.log.block(summary);
  else io.stdout.write(summary);
}
