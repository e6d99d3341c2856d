import { hasStreamName } from '../documents/names.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { describeExit, run } from '../host/run.ts';

export interface ZfsDataset {
  readonly name: string;
  readonly type: 'filesystem' | 'volume';
  /** The property: `off`, `on`, `lz4`, `gzip-9`, … */
  readonly compression: string;
}

/** The dataset and all below it. Throws VzError: 66 no such dataset, 69 no answer. */
export async function listDatasets(host: Host, dataset: string, signal: AbortSignal): Promise<ZfsDataset[]> {
  const columns = ['-H', '-o', 'name,type,compression', '-t', 'filesystem,volume'];
  const result = await run(host, ['zfs', 'list', ...columns, '-r', dataset], { signal });
  signal.throwIfAborted();
  if (result.code !== 0) {
    const isMissing = /: dataset does not exist$/m.test(result.stderr);
    throw new VzError(isMissing ? 'NO_DATASET' : 'ZFS_FAILED', {
      exit: isMissing ? EXIT.noInput : EXIT.unavailable,
      where: host.label,
      what: isMissing ? `no ZFS dataset ${dataset}` : `zfs list ${describeExit(result)}`,
      hint: isMissing ? 'look with: zfs list -r' : undefined,
    });
  }
  return result.stdout
    .toString()
    .split('\n')
    .flatMap((line) => {
      const [name, type, compression] = line.split('\t');
      if (!name || !compression || (type !== 'filesystem' && type !== 'volume')) return [];
      return [{ name, type, compression }];
    });
}

/**
 * Where a dataset's streams go in a bundle: `rootfs/` and its name below the root dataset. Throws VzError (78) for a name
 * that osctld, which puts it unquoted into a shell, could not take.
 */
export function memberPrefix(root: string, dataset: string): string {
  if (dataset === root) return 'rootfs/';
  const below = dataset.slice(root.length + 1);
  if (!hasStreamName(below) && /^[A-Za-z0-9_.:/-]+$/.test(below)) return `rootfs/${below}/`;
  throw new VzError('DATASET_NAME', {
    exit: EXIT.refused,
    where: dataset,
    what: 'the name of this subdataset cannot be had on the target',
    hint: 'rename it with zfs rename: letters, digits and _ . : - only, and not base.dat or incremental.dat',
  });
}
