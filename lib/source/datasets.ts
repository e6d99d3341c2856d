import { isWithin, type Mount } from './mounts.ts';

export interface Dataset {
  readonly name: string;
  /** `none` and `legacy` are words. */
  readonly mountpoint: string;
}

/** `zfs list -H -o name,mountpoint`: a tab between the columns. */
export function parseDatasets(text: string): Dataset[] {
  return text.split('\n').flatMap((line) => {
    const [name, mountpoint] = line.split('\t');
    return name && mountpoint ? [{ name, mountpoint }] : [];
  });
}

/** The node's datasets, those that are mounted now (also legacy ones) where they are mounted. */
export function mountedDatasets(datasets: readonly Dataset[], mounts: readonly Mount[]): Dataset[] {
  const mounted = mounts
    .filter(({ type }) => type === 'zfs')
    .map(({ device, path }) => ({ name: device, mountpoint: path }));
  const names = new Set(mounted.map(({ name }) => name));
  return [...mounted, ...datasets.filter(({ name }) => !names.has(name))];
}

/**
 * The dataset that holds only this container: mounted at its private area, or (vpsAdmin's layout, which keeps `.zfs` out
 * of the root filesystem) above it in a directory named by the id. A dataset of many containers is none.
 */
export function ownDataset(
  datasets: readonly Dataset[],
  privatePath: string,
  ctid: string,
): { name: string; mountpoint: string; children: string[] } | null {
  const own = datasets.find(
    ({ mountpoint }) =>
      mountpoint === privatePath || (mountpoint.endsWith(`/${ctid}`) && isWithin(mountpoint, privatePath)),
  );
  if (!own) return null;
  const children = datasets.map(({ name }) => name).filter((name) => name.startsWith(`${own.name}/`));
  return { name: own.name, mountpoint: own.mountpoint, children: children.sort() };
}
