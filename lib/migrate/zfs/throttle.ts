import { setTimeout as sleep } from 'node:timers/promises';
import type { PayloadSink } from '../../bundle/writer.ts';

/** A sink that takes so many bytes a second, over its whole time; undefined: as many as come. */
export function throttled(
  sink: PayloadSink,
  bytesPerSecond: number | undefined,
  signal: AbortSignal,
): PayloadSink {
  if (bytesPerSecond === undefined) return sink;
  const startedMs = performance.now();
  let bytes = 0;
  return {
    write: async (chunk) => {
      await sink.write(chunk);
      bytes += chunk.length;
      const aheadMs = (bytes * 1000) / bytesPerSecond - (performance.now() - startedMs);
      if (aheadMs > LEAST_WAIT_MS) await sleep(aheadMs, undefined, { signal });
    },
    end: () => sink.end(),
  };
}

/** Timers are no finer. */
const LEAST_WAIT_MS = 5;
