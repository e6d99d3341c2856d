import { formatBytes } from '../cli/units.ts';
import type { Say } from './findings.ts';
import type { NodeState, Pool } from './node-state.ts';
import type { PoolState } from './pool-state.ts';
import type { Wanted } from './preflight.ts';

/** An old dataset of the container. With --direct it is never ours to fill, since an undo would take it along. */
export function judgeDataset(
  { id, options }: Wanted,
  node: NodeState,
  pool: Pool,
  space: PoolState,
  refuse: Say,
): void {
  // A container that is there has its dataset, and is refused for itself.
  if (!space.datasetExists || node.container) return;
  if (options.dataset !== undefined) {
    if (options.direct)
      refuse('DATASET_EXISTS', `dataset ${options.dataset} exists already; --direct makes one that is new`);
    return;
  }
  const name = `${pool.dataset}/ct/${id}`;
  refuse(
    'DATASET_EXISTS',
    `dataset ${name} exists already, and its contents would be mixed with the archive's`,
  );
}

/** The directory that holds the archive during an import. */
export function judgeSpool({ archiveBytes }: Wanted, space: PoolState, refuse: Say): void {
  if (!space.spoolWritable) refuse('SPOOL_DIR', `${space.spoolDir} is no directory that can be written to`);
  if (/^(tmpfs|ramfs)$/.test(space.spoolFilesystem ?? '')) {
    refuse(
      'SPOOL_DIR',
      `${space.spoolDir} is in the node's memory; name a directory on a pool with --spool-dir`,
    );
  }
  if (archiveBytes !== null && space.spoolFreeBytes !== null && archiveBytes > space.spoolFreeBytes) {
    refuse(
      'NO_SPACE',
      `the archive has ${formatBytes(archiveBytes)}, ${space.spoolDir} ${formatBytes(space.spoolFreeBytes)}`,
    );
  }
}

/**
 * With a spool file archive and unpacked data exist at the same time. Of an unknown archive we take it for as large as the
 * data, and of unknown data the other way round.
 */
export function spaceNeeded({ document, archiveBytes, options }: Wanted): bigint | null {
  const used = document.source.facts?.usedBytes;
  const data = used === null || used === undefined ? null : BigInt(used);
  if (options.direct) return data ?? archiveBytes;
  if (archiveBytes === null) return data === null ? null : data * 2n;
  return archiveBytes + (data ?? archiveBytes);
}
