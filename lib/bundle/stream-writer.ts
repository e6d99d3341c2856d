import type { Writable } from 'node:stream';
import { writeAhead } from './drain.ts';
import { BLOCK_BYTES, encodeHeader, padding } from './header.ts';
import type { ArchiveWriter, PayloadSink } from './writer.ts';

export const DEFAULT_SEGMENT_BYTES = 8 * 1024 * 1024;

export interface StreamWriterOptions {
  readonly segmentBytes: number;
  readonly mtime: Date;
  /** Ends a write that waits for the reader. */
  readonly signal: AbortSignal;
}

/**
 * Writes into a pipe: a payload is cut into segments, members of one name one after the other, each held in memory
 * until its size is known. GNU tar's `-xO` joins members of one name, and that is how osctld reads payloads.
 */
export function streamWriter(
  output: Writable,
  { segmentBytes, mtime, signal }: StreamWriterOptions,
): ArchiveWriter {
  const write = async (chunk: Buffer): Promise<void> => {
    if (chunk.length > 0) await writeAhead(output, chunk, signal);
  };
  const member = async (name: string, chunks: readonly Buffer[], sizeBytes: number): Promise<void> => {
    await write(await encodeHeader(name, sizeBytes, mtime));
    for (const chunk of chunks) await write(chunk);
    await write(padding(sizeBytes));
  };
  return {
    member: (name, data) => member(name, [data], data.length),
    payload: (name) => segmenter(segmentBytes, (chunks, sizeBytes) => member(name, chunks, sizeBytes)),
    end: () => write(Buffer.alloc(2 * BLOCK_BYTES)),
  };
}

/** Collects chunks up to `segmentBytes`; hands every full segment on, and the rest (even an empty payload) at the end. */
function segmenter(
  segmentBytes: number,
  flush: (chunks: readonly Buffer[], sizeBytes: number) => Promise<void>,
): PayloadSink {
  let chunks: Buffer[] = [];
  let sizeBytes = 0;
  let segments = 0;
  const flushSegment = async (): Promise<void> => {
    await flush(chunks, sizeBytes);
    chunks = [];
    sizeBytes = 0;
    segments += 1;
  };
  return {
    write: async (chunk) => {
      let rest = chunk;
      while (rest.length > 0) {
        const part = rest.subarray(0, segmentBytes - sizeBytes);
        chunks.push(part);
        sizeBytes += part.length;
        rest = rest.subarray(part.length);
        if (sizeBytes === segmentBytes) await flushSegment();
      }
    },
    end: async () => {
      if (sizeBytes > 0 || segments === 0) await flushSegment();
    },
  };
}
