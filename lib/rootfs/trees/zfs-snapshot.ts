import { EXIT, VzError } from '../../errors.ts';
import { HOLD_TAG, holdSnapshot, makeSnapshot, snapshotName } from '../../export/zfs-snapshots.ts';
import type { Guard } from '../../guard/guard.ts';
import { doStep } from '../../guard/step.ts';
import type { Host } from '../../host/host.ts';
import { quoteArgv } from '../../host/quote.ts';
import { describeExit, run } from '../../host/run.ts';
import { makeDirectory } from './directory.ts';
import type { Tree, TreeSource } from './tree.ts';
import { mountDirectory } from './tree.ts';
import type { DatasetPlace } from './zfs-place.ts';

/**
 * A running container's files in a snapshot of its dataset: in `.zfs` where there is one, else (zfs-fuse) in a clone.
 * Other datasets that are mounted in it are not in the snapshot, and named.
 */
export async function zfsSnapshotTree(container: TreeSource, place: DatasetPlace): Promise<Tree> {
  const { host, ctid, signal, warn } = container;
  const { dataset } = place;
  const name = snapshotName(ctid, 'tar', new Date());
  const made = { host, dataset, name, recursive: false, signal };
  const snapshot = `${dataset}@${name}`;
  const visible = `${place.mountpoint}/.zfs/snapshot/${name}`;
  const clone = cloneName(dataset, name);
  const directory = mountDirectory(container);
  const within = (root: string): string => (place.subdir === null ? root : `${root}/${place.subdir}`);
  const cloneArgv = ['zfs', 'clone', '-o', `mountpoint=${directory}`, '-o', 'readonly=on', snapshot, clone];
  const hasZfsDirectory = await isDirectory(host, `${place.mountpoint}/.zfs/snapshot`);
  return {
    about: `the root filesystem is ${within(place.mountpoint)} of the dataset ${dataset}: packed from a snapshot of it`,
    preview: within(place.mountpoint),
    excludes: place.notFiles,
    notRead: place.mountedBelow,
    needsLock: false,
    stop: 'unmounted',
    dataset,
    snapshot: (guard) => makeSnapshot({ ...made, guard }),
    open: async (guard) => {
      if (!guard) throw new TypeError('a snapshot needs a guard');
      const failed = await holdSnapshot(made);
      if (failed !== undefined) warn(`the snapshot ${snapshot} is not held: ${failed}`);
      if (await isDirectory(host, visible)) return within(visible);
      await makeDirectory(host, guard, directory);
      await zfsStep(host, guard, ctid, cloneArgv, destroyClone(clone, snapshot));
      return within(directory);
    },
    plan: {
      stop: `vzctl stop ${ctid}`,
      snapshot: [quoteArgv(['zfs', 'snapshot', snapshot])],
      open: [
        quoteArgv(['zfs', 'hold', HOLD_TAG, snapshot]),
        ...(hasZfsDirectory ? [] : [quoteArgv(cloneArgv)]),
      ],
      path: within(hasZfsDirectory ? visible : directory),
      close: [
        ...(hasZfsDirectory ? [] : [quoteArgv(['zfs', 'destroy', clone]), quoteArgv(['rmdir', directory])]),
        quoteArgv(['zfs', 'release', HOLD_TAG, snapshot]),
        quoteArgv(['zfs', 'destroy', snapshot]),
      ],
    },
  };
}

/** Beside the dataset: below it, it would be a part of the container. A pool's root has nothing beside it. */
function cloneName(dataset: string, snapshot: string): string {
  return dataset.includes('/') ? `${dataset}-${snapshot}` : `${dataset}/${snapshot}`;
}

/** Only one of our snapshot, and never with -r or -R: what others have made stays. */
function destroyClone(clone: string, snapshot: string): string {
  const origin = quoteArgv(['zfs', 'get', '-H', '-o', 'value', 'origin', clone]);
  return `[ "$(${origin} 2>/dev/null)" != ${quoteArgv([snapshot])} ] || ${quoteArgv(['zfs', 'destroy', clone])}`;
}

async function zfsStep(
  host: Host,
  guard: Guard,
  ctid: string,
  argv: readonly string[],
  undo: string,
): Promise<void> {
  const exit = await doStep(guard, host, { argv, undo });
  if (exit.code === 0) return;
  throw new VzError('ZFS_FAILED', {
    exit: EXIT.unavailable,
    where: `ct ${ctid}`,
    what: `${argv.slice(0, 2).join(' ')} ${describeExit(exit)}`,
  });
}

async function isDirectory(host: Host, path: string): Promise<boolean> {
  return (await run(host, ['test', '-d', path])).code === 0;
}
