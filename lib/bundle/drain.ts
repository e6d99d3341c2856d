import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** A wait for each 64 KiB that a pipe takes would cost a tenth of the rate. */
export const UNWRITTEN_BYTES = 512 * 1024;

/** Writes, and waits for the reader once more than 512 KiB lie unwritten. The signal ends the wait. */
export async function writeAhead(output: Writable, chunk: Buffer, signal: AbortSignal): Promise<void> {
  if (output.write(chunk) || output.writableLength < UNWRITTEN_BYTES) return;
  await once(output, 'drain', { signal });
}
