import type { Host } from '../host/host.ts';
import { run } from '../host/run.ts';

/**
 * How many bytes commands `zfs send …` will come to, by zfs's own estimate (`-n -P`): above the truth where blocks are
 * embedded, below it for many small files. undefined: one of them could not be told. `-P` says it in a line `size BYTES`, on
 * stdout since 0.6.4, on stderr before.
 */
export async function estimateBytes(
  host: Host,
  argvs: readonly (readonly string[])[],
  signal: AbortSignal,
): Promise<number | undefined> {
  let total = 0;
  for (const [zfs = '', send = '', ...rest] of argvs) {
    const { code, stdout, stderr } = await run(host, [zfs, send, '-n', '-P', '-v', ...rest], { signal });
    signal.throwIfAborted();
    const bytes = readSize(`${stdout}\n${stderr}`);
    if (code !== 0 || bytes === undefined) return undefined;
    total += bytes;
  }
  return total;
}

/** The number behind `size` in what `zfs send -nvP` prints; undefined where there is none that can be true. */
export function readSize(text: string): number | undefined {
  const bytes = Number(/^size\t(\d+)$/m.exec(text)?.[1]);
  // An estimate that fell below 0 is printed as one near 2^64.
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
