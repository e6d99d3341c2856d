import { setTimeout as sleep } from 'node:timers/promises';

/** Waits before `bytes` go on their way. */
export type RateLimit = (bytes: number, signal: AbortSignal) => Promise<void>;

/** Lets so many bytes a second pass, evenly; undefined: all. What a pause has saved up is not caught up on. */
export function rateLimit(bytesPerSecond: number | undefined): RateLimit {
  if (bytesPerSecond === undefined) return async () => {};
  let freeMs = 0;
  return async (bytes, signal) => {
    const nowMs = performance.now();
    freeMs = Math.max(freeMs, nowMs) + (bytes * 1000) / bytesPerSecond;
    // A timer is no finer.
    if (freeMs - nowMs > 5) await sleep(freeMs - nowMs, undefined, { signal });
  };
}
