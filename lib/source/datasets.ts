import { relative } from 'node:path/posix';
import { type Mount, mountOf } from './mounts.ts';

export interface Dataset {
  readonly name: string;
  /** `none` and `legacy` are words. */
  readonly mountpoint: string;
}

export interface OwnDataset {
  readonly name: string;
  /** Where it is mounted now. */
  readonly mountpoint: string;
  /** Directory in it that is the private area; null: its root is. */
  readonly subdir: string | null;
  /** Names of all datasets below it. */
  readonly children: string[];
}

/** `zfs list -H -o name,mountpoint`: a tab between the columns. */
export function parseDatasets(text: string): Dataset[] {
  return text.split('\n').flatMap((line) => {
    const [name, mountpoint] = line.split('\t');
    return name && mountpoint ? [{ name, mountpoint }] : [];
  });
}

/**
 * The dataset that holds only this container, as it is mounted now: at the private area, or (vpsAdmin's layout, which
 * keeps `.zfs` out of the root filesystem) above it in a directory named by the id. A dataset of many containers is none.
 * `tree` is the private area's real path. Mounts count, and not the property: a dataset that is not mounted holds
 * nothing that vzctl sees, and a legacy one is mounted anywhere.
 */
export function ownDataset(
  { datasets, mounts }: { readonly datasets: readonly Dataset[]; readonly mounts: readonly Mount[] },
  tree: string,
  ctid: string,
): OwnDataset | null {
  const mount = mountOf(mounts, tree);
  const own = datasets.find(({ name }) => name === mount?.device);
  if (!mount || !own || !ZFS_TYPES.has(mount.type) || isBindMount(own, mount, mounts)) return null;
  const subdir = relative(mount.path, tree);
  if (subdir !== '' && !mount.path.endsWith(`/${ctid}`)) return null;
  const children = datasets.map(({ name }) => name).filter((name) => name.startsWith(`${own.name}/`));
  return {
    name: own.name,
    mountpoint: mount.path,
    subdir: subdir === '' ? null : subdir,
    children: children.sort(),
  };
}

/**
 * /proc/mounts shows a bind mount of a directory in a dataset like the dataset itself. It is taken for one where the
 * dataset is mounted elsewhere, too, unless this is the place that its property names.
 */
function isBindMount({ name, mountpoint }: Dataset, { path }: Mount, mounts: readonly Mount[]): boolean {
  const places = new Set(mounts.filter(({ device }) => device === name).map((mount) => mount.path));
  return places.size > 1 && path !== mountpoint;
}

/** Those of zfs-fuse are of the type fuse, or what its mount makes of that. */
const ZFS_TYPES: ReadonlySet<string> = new Set(['zfs', 'fuse', 'fuse.zfs']);
