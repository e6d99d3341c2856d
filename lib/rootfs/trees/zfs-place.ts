import { EXIT, VzError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { run } from '../../host/run.ts';
import { mountsBelow, parseMounts } from '../../source/mounts.ts';
import type { TreeSource } from './tree.ts';

/** What of a container says where it is. */
export interface PlaceQuestion extends Pick<TreeSource, 'host' | 'ctid'> {
  readonly source: Pick<TreeSource['source'], 'subdir' | 'privatePath'>;
}

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
export async function findPlace(
  { host, ctid, source }: PlaceQuestion,
  dataset: string,
): Promise<DatasetPlace> {
  const mounts = parseMounts(String((await host.readFile('/proc/mounts')) ?? ''));
  const { subdir, privatePath } = source;
  const places = mounts.filter(({ device }) => device === dataset).map(({ path }) => path);
  const rootOf = (mountpoint: string): string => (subdir === null ? mountpoint : `${mountpoint}/${subdir}`);
  const tree = privatePath === null ? null : await realPath(host, privatePath);
  // Bind mounts of it look the same; the one that the private area is in is meant.
  const mountpoint = privatePath === null ? places[0] : places.find((path) => rootOf(path) === tree);
  if (mountpoint !== undefined) {
    const mountedBelow = mountsBelow(mounts, rootOf(mountpoint));
    return { dataset, mountpoint, subdir, mountedBelow, notFiles: subdir === null ? ['.zfs'] : [] };
  }
  const [elsewhere] = places;
  if (elsewhere !== undefined) {
    throw new VzError('OTHER_DATASET', {
      exit: EXIT.refused,
      where: `ct ${ctid}`,
      what: `its private area ${privatePath} is not ${rootOf(elsewhere)} of the dataset ${dataset}`,
      hint: 'another container would be exported; correct --zfs-dataset and --zfs-subdir of vz-to-osctl',
    });
  }
  throw new VzError('DATASET_NOT_MOUNTED', {
    exit: EXIT.refused,
    where: `ct ${ctid}`,
    what: `its dataset ${dataset} is not mounted`,
    hint: `try: zfs mount ${dataset}`,
  });
}

/** Without links; null: there is no such directory. */
async function realPath(host: Host, path: string): Promise<string | null> {
  const { code, stdout } = await run(host, ['sh', '-c', 'cd -P -- "$1" && pwd -P', 'sh', path]);
  return code === 0 ? stdout.toString().slice(0, -1) : null;
}
