import type { Tree } from './tree.ts';

/** Files in a directory of the node, read where they are: simfs, or a dataset's when the container is down. */
export function plainTree(
  path: string,
  ctid: string,
  { excludes = [], notRead = [] }: Partial<Pick<Tree, 'excludes' | 'notRead'>> = {},
): Tree {
  return {
    about: null,
    preview: path,
    excludes,
    notRead,
    needsLock: true,
    stop: 'unmounted',
    dataset: null,
    snapshot: null,
    open: async () => path,
    plan: { stop: `vzctl stop ${ctid}`, snapshot: [], open: [], path, close: [] },
  };
}
