import type { Writable } from 'node:stream';
import { writeAhead } from './drain.ts';
import type { ArchiveWriter } from './writer.ts';

/** Writes the bare payload and nothing around it, for `--raw`. */
export function rawWriter(output: Writable, signal: AbortSignal): ArchiveWriter {
  return {
    member: async () => {},
    payload: () => ({
      write: (chunk) => writeAhead(output, chunk, signal),
      end: async () => {},
    }),
    end: async () => {},
  };
}
