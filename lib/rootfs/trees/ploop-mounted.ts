import { EXIT, VzError } from '../../errors.ts';
import { readStatus } from '../../source/status.ts';
import type { PloopPaths } from './ploop-image.ts';
import { BALLOON, findImage, requireMounted } from './ploop-image.ts';
import type { Tree, TreeSource } from './tree.ts';
import { runVzctl, vzctlLine } from './vzctl-step.ts';

/**
 * The root filesystem of a ploop container at VE_ROOT. A running container is stopped with the image kept mounted, and is
 * down for the whole copy; of one that is down the image is mounted if it is not, and only then unmounted at the end.
 * Throws VzError as `findImage` and `requireMounted`.
 */
export async function ploopMountedTree(container: TreeSource): Promise<Tree> {
  const { host, ctid, status } = container;
  const paths = await findImage(container);
  const preview = status.mounted ? await requireMounted(host, ctid, paths.rootPath) : null;
  const mounts = preview === null;
  return {
    about: `a ploop container: packed from where its image is mounted, ${paths.rootPath}`,
    preview,
    excludes: [BALLOON],
    notRead: [],
    needsLock: true,
    stop: 'mounted',
    dataset: null,
    snapshot: null,
    open: (guard) =>
      guard ? openImage({ ...container, guard }, paths) : Promise.resolve(preview ?? paths.rootPath),
    plan: {
      stop: `vzctl stop ${ctid} --skip-umount`,
      snapshot: [],
      open: mounts ? [`vzctl mount ${ctid}`] : [],
      path: preview ?? paths.rootPath,
      close: mounts ? [`vzctl umount ${ctid}`] : [],
    },
  };
}

type GuardOf = NonNullable<Parameters<Tree['open']>[0]>;

/** The lock is ours by now, so what is found is final. */
async function openImage(
  { host, ctid, guard }: TreeSource & { readonly guard: GuardOf },
  { rootPath }: PloopPaths,
): Promise<string> {
  const { mounted, running } = await readStatus(host, ctid);
  if (running) throw startedMeanwhile(ctid);
  if (!mounted) {
    // Not when it runs: then it was started by somebody, and vzctl would refuse.
    const undo = `case $(vzctl status ${ctid}) in *' unmounted '* | *' running'*) ;; *) ${vzctlLine('umount', ctid)} ;; esac`;
    await runVzctl({ host, guard, ctid, verb: 'mount', undo });
  }
  return requireMounted(host, ctid, rootPath);
}

function startedMeanwhile(ctid: string): VzError {
  return new VzError('STATE_CHANGED', {
    exit: EXIT.tempFail,
    where: `ct ${ctid}`,
    what: 'was started by somebody else meanwhile',
    hint: 'look at why, and run it again',
  });
}
