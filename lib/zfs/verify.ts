import { writeAhead } from '../bundle/drain.ts';
import type { Io } from '../cli/io.ts';
import { StreamCheck } from './stream-check.ts';

/**
 * Checks the send stream on `io.stdin`; its summary goes to stdout as one JSON object, or, with `raw`, to stderr while the
 * data goes on to stdout. Throws VzError (65).
 */
export async function verifyStream(io: Io, { raw }: { readonly raw: boolean }): Promise<void> {
  const check = new StreamCheck();
  for await (const chunk of io.stdin as AsyncIterable<Buffer>) {
    io.signal.throwIfAborted();
    check.push(chunk);
    if (raw) await writeAhead(io.stdout, chunk, io.signal);
  }
  io.signal.throwIfAborted();
  const summary = `${JSON.stringify(check.end())}\n`;
  if (raw) io.log.block(summary);
  else io.stdout.write(summary);
}
