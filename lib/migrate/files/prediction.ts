import type { Pass } from '../../documents/vz-migration.ts';
import { inspectTree } from '../../rootfs/contents.ts';
import { estimateDowntime } from '../../rootfs/estimate.ts';
import { tarCommand } from '../../rootfs/tar.ts';
import type { Run } from '../run.ts';
import type { Prediction } from '../way.ts';
import { findTree, withSourceFiles } from './source.ts';

/**
 * Of the time of a pass, what was not data: data is taken to have flowed at the best rate of all passes so far, this one
 * included. So a pass that was all data (a tar, which reads as it walks) has none, and one that moved next to nothing has
 * little else. Milliseconds.
 */
export function walkTime(passes: readonly Pass[], { ms, bytes }: Pick<Pass, 'ms' | 'bytes'>): number {
  const rates = [...passes, { ms, bytes }].map((pass) => Number(pass.bytes) / Math.max(1, pass.ms));
  return Math.max(0, Math.round(ms - Number(bytes) / Math.max(...rates, Number.MIN_VALUE)));
}

/**
 * The last pass will be like the last one by rsync: looking at every file anew would cost as much as a pass. After a tar alone
 * nobody knows yet what a walk takes, and no more than the tar did is said; before any pass, all of it by the rate of a sample.
 */
export async function predict(run: Run): Promise<Prediction> {
  const { passes } = run.journal.document.sync;
  const last = passes.at(-1);
  if (last?.how === 'rsync') return { walkMs: last.walkMs, dataMs: last.ms - last.walkMs };
  if (last) return { walkMs: last.ms, dataMs: 0 };
  const { container } = run.journal.document;
  return withSourceFiles(run, await findTree(run), null, async ({ host, node, tar, tree, path, signal }) => {
    const { sizeBytes } = await inspectTree({ host, document: container, node, tree, signal }, path);
    const packing = { tar: tarCommand(path, tar, tree.excludes), compression: null, signal };
    const { downtimeMs } = await estimateDowntime(host, packing, sizeBytes);
    return { walkMs: 0, dataMs: Math.round(downtimeMs) };
  });
}
