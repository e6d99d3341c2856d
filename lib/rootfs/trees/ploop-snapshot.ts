import { randomUUID } from 'node:crypto';
import type { Guard } from '../../guard/guard.ts';
import { quoteArgv, quoteForShell } from '../../host/quote.ts';
import { makeDirectory } from './directory.ts';
import { BALLOON, findImage, requireMounted } from './ploop-image.ts';
import type { Tree, TreeSource } from './tree.ts';
import { mountDirectory } from './tree.ts';
import { runVzctl, vzctlLine } from './vzctl-step.ts';

/**
 * A snapshot of a running ploop container's image, mounted read-only beside it (vzctl 4.4 and later). The GUID is ours
 * and noted before, so that it can be undone whatever happens. Throws VzError as `findImage` and `requireMounted`.
 */
export async function ploopSnapshotTree(container: TreeSource): Promise<Tree> {
  const { host, ctid } = container;
  const paths = await findImage(container);
  const preview = await requireMounted(host, ctid, paths.rootPath);
  const directory = mountDirectory(container);
  const id = ['--id', `{${randomUUID()}}`];
  const make = [...id, '--skip-suspend', '--skip-config'];
  const mount = [...id, '--target', directory];
  // Without its memory and its config, which only a switch back would need.
  const snapshot = (guard: Guard): Promise<void> => {
    const undo = deleteSnapshot(ctid, id, [paths.descriptor, `${paths.privatePath}/Snapshots.xml`]);
    return runVzctl({ host, guard, ctid, verb: 'snapshot', args: make, undo });
  };
  const open = async (guard: Guard | null): Promise<string> => {
    if (!guard) throw new TypeError('a snapshot needs a guard');
    await makeDirectory(host, guard, directory);
    const undo = `! mountpoint -q ${quoteArgv([directory])} || ${vzctlLine('snapshot-umount', ctid, id)}`;
    await runVzctl({ host, guard, ctid, verb: 'snapshot-mount', args: mount, undo });
    return requireMounted(host, ctid, directory);
  };
  const line = (verb: string, args: readonly string[]): string => quoteArgv(['vzctl', verb, ctid, ...args]);
  return {
    about: 'a ploop container: packed from a snapshot of its image',
    preview,
    excludes: [BALLOON],
    notRead: [],
    // What undoes it skips the lock.
    needsLock: false,
    stop: 'unmounted',
    dataset: null,
    snapshot,
    open,
    plan: {
      stop: `vzctl stop ${ctid}`,
      snapshot: [line('snapshot', make)],
      open: [quoteArgv(['mkdir', directory]), line('snapshot-mount', mount)],
      path: directory,
      close: [line('snapshot-umount', id), quoteArgv(['rmdir', directory]), line('snapshot-delete', id)],
    },
  };
}

/**
 * vzctl has no code of its own for a snapshot that is not there, so the files are asked. One whose private area cannot
 * be read has not been undone.
 */
function deleteSnapshot(ctid: string, id: readonly string[], files: readonly [string, string]): string {
  const guid = quoteForShell(id[1] ?? '');
  return (
    `if grep -qF ${guid} ${quoteArgv(files)} 2>/dev/null; then ${vzctlLine('snapshot-delete', ctid, id)}; ` +
    `else test -r ${quoteArgv([files[0]])}; fi`
  );
}
