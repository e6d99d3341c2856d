/** One payload while it is written; its size is not known before the end. */
export interface PayloadSink {
  /** Resolves when the chunk was taken: the caller waits, so memory stays constant. */
  readonly write: (chunk: Buffer) => Promise<void>;
  readonly end: () => Promise<void>;
}

/** A sink before a sink, telling the size of each chunk. */
export function countedSink(sink: PayloadSink, count: (bytes: number) => void): PayloadSink {
  return {
    write: (chunk) => {
      count(chunk.length);
      return sink.write(chunk);
    },
    end: () => sink.end(),
  };
}

/** Writes a tar of plain ustar members. Both kinds give what osctld reads; they differ in how payloads get a size. */
export interface ArchiveWriter {
  /** A small member, whole. */
  readonly member: (name: string, data: Buffer) => Promise<void>;
  readonly payload: (name: string) => PayloadSink;
  /** Two blocks of zeros: the end of a tar archive. */
  readonly end: () => Promise<void>;
}
