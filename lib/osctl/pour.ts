import type { Writable } from 'node:stream';

/**
 * Writes to a process and waits only when more than 1 MiB lies unread, so that several readers of one stream need not
 * run in step. A process that has closed its input is no error here: its exit code is what counts. False: it has.
 */
export async function pour(output: Writable, chunk: Buffer): Promise<boolean> {
  if (output.destroyed || output.writableEnded) return false;
  if (output.write(chunk) || output.writableLength < MAX_UNREAD_BYTES) return true;
  await drained(output);
  return !output.destroyed;
}

async function drained(output: Writable): Promise<void> {
  await new Promise<void>((resolve) => {
    const settle = (): void => {
      output.off('drain', settle);
      output.off('close', settle);
      resolve();
    };
    output.on('drain', settle);
    output.on('close', settle);
    // Nothing more comes from one that was destroyed while it was written to.
    if (output.closed) settle();
  });
}

const MAX_UNREAD_BYTES = 1024 * 1024;
