import { EXIT, VzError } from '../../errors.ts';
import { plainTree } from './plain.ts';
import { ploopMountedTree } from './ploop-mounted.ts';
import { ploopSnapshotTree } from './ploop-snapshot.ts';
import type { Tree, TreeSource } from './tree.ts';
import { findPlace } from './zfs-place.ts';
import { zfsSnapshotTree } from './zfs-snapshot.ts';

/**
 * Chooses where a container's files are read: a running one's in a snapshot where its storage has any, so that it is not
 * down for the whole copy; one that is down has no need of one. Changes nothing. Throws VzError: 65 when the document
 * lacks a path, 78 when what it says is not what is there.
 */
export async function selectTree(container: TreeSource): Promise<Tree> {
  const { ctid, source, node, status } = container;
  if (source.layout === 'ploop') {
    const takesSnapshot = status.running && node.programs.snapshotMount && container.ploopSnapshot;
    return takesSnapshot ? ploopSnapshotTree(container) : ploopMountedTree(container);
  }
  if (source.dataset !== null) {
    const place = await findPlace(container, source.dataset);
    if (status.running) return zfsSnapshotTree(container, place);
    const path = place.subdir === null ? place.mountpoint : `${place.mountpoint}/${place.subdir}`;
    return plainTree(path, ctid, { excludes: place.notFiles, notRead: place.mountedBelow });
  }
  if (source.privatePath?.startsWith('/')) return plainTree(source.privatePath, ctid);
  throw new VzError('NO_PRIVATE_PATH', {
    exit: EXIT.data,
    where: `ct ${ctid}`,
    what: 'source.privatePath: the document does not say where the private area is',
    hint: 'make it with vz-parse-config on the node, so that vz.conf is read',
  });
}
