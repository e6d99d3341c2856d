import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { ArchiveWriter } from './writer.ts';

/** Writes the bare payload and nothing around it, for `--raw`. */
export function rawWriter(output: Writable, signal: AbortSignal): ArchiveWriter {
  return {
    member: async () => {},
    payload: () => ({
      write: async (chunk) => {
        if (!output.write(chunk)) await once(output, 'drain', { signal });
      },
      end: async () => {},
    }),
    end: async () => {},
  };
}
