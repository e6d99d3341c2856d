import { EXIT, VzError } from '../../errors.ts';
import { isWithin, mountsBelow, parseMounts } from '../../source/mounts.ts';
import type { TreeSource } from './tree.ts';

/** A container's dataset, as it is mounted now. */
export interface DatasetPlace {
  readonly dataset: string;
  readonly mountpoint: string;
  /** Directory in it that is the root filesystem; null: its root is. */
  readonly subdir: string | null;
  /** What is mounted below the root filesystem: not part of the dataset. */
  readonly mountedBelow: readonly string[];
  /** Patterns of what is in the root filesystem, and no file of the container: `.zfs`, where the operator made it visible. */
  readonly notFiles: readonly string[];
}

/**
 * Where the document's dataset is mounted, by /proc/mounts: the property says nothing of a legacy one, nor of one that is
 * not mounted. Throws VzError (78) when it is not mounted, or not where the private area is.
 */
export async function findPlace({ host, ctid, source }: TreeSource, dataset: string): Promise<DatasetPlace> {
  const mounts = parseMounts(String((await host.readFile('/proc/mounts')) ?? ''));
  const { subdir, privatePath } = source;
  const places = mounts.filter(({ device }) => device === dataset).map(({ path }) => path);
  const rootOf = (mountpoint: string): string => (subdir === null ? mountpoint : `${mountpoint}/${subdir}`);
  // Bind mounts of it look the same; the one that the private area is in is meant.
  const mountpoint =
    places.find((path) => rootOf(path) === privatePath) ??
    places.find((path) => privatePath !== null && isWithin(path, privatePath)) ??
    places[0];
  if (mountpoint !== undefined) {
    const mountedBelow = mountsBelow(mounts, rootOf(mountpoint));
    return { dataset, mountpoint, subdir, mountedBelow, notFiles: subdir === null ? ['.zfs'] : [] };
  }
  throw new VzError('DATASET_NOT_MOUNTED', {
    exit: EXIT.refused,
    where: `ct ${ctid}`,
    what: `its dataset ${dataset} is not mounted`,
    hint: `try: zfs mount ${dataset}`,
  });
}
