import { EXIT, VzError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { describeExit, runChecked, run as runOn } from '../../host/run.ts';
import type { Run } from '../run.ts';
import changesScript from './changes.sh';
import { readZfsDiff } from './zfs-diff.ts';

/**
 * A snapshot of the target as it was when it took over: what has changed there since can be listed before a rollback drops
 * it. The same one when it is called again. A pool that has no room for it is no reason not to move: said.
 */
export async function makeSwitchSnapshot(run: Run, root: Host): Promise<void> {
  const { ctid } = run.journal.document;
  const why = await tryToMake(run, root);
  if (why === null) return;
  run.io.log.warning(
    `ct ${ctid}: zfs snapshot of the target ${why}; a rollback will not know what has changed there`,
  );
}

/** null: it is there. */
async function tryToMake(run: Run, root: Host): Promise<string | null> {
  try {
    const result = await runOn(root, ['zfs', 'snapshot', '-r', nameOf(run)]);
    return result.code === 0 || /dataset already exists/.test(result.stderr) ? null : describeExit(result);
  } catch (error) {
    // Also of a link that was lost just now: whoever starts it finds out what became of that.
    if (error instanceof VzError) return error.what;
    throw error;
  }
}

/**
 * What has changed in the container's datasets, the first lines of `readZfsDiff`; null: there is no snapshot, or no diff of it, and
 * nobody knows. Throws VzError (69).
 */
export async function changesSinceSwitch(run: Run, root: Host): Promise<string[] | null> {
  if (!(await exists(run, root))) return null;
  const { ctid, target } = run.journal.document;
  const words = [target?.dataset ?? '', switchSnapshot(ctid), String(MOST_CHANGES)];
  const result = await runOn(root, ['sh', '-c', changesScript, 'sh', ...words]);
  if (result.code === 0) return readZfsDiff(result.stdout.toString());
  run.io.log.warning(`${root.label}: zfs diff ${describeExit(result)}`);
  return null;
}

/** Removes it; there may be none. Throws VzError (69). */
export async function removeSwitchSnapshot(run: Run, root: Host): Promise<void> {
  if (!(await exists(run, root))) return;
  const result = await run.journal.effect('zfs destroy of the snapshot at the switch', () =>
    runOn(root, ['zfs', 'destroy', '-r', nameOf(run)]),
  );
  if (result.code === 0) return;
  throw new VzError('ZFS_FAILED', {
    exit: EXIT.unavailable,
    where: root.label,
    what: `zfs destroy ${describeExit(result)}`,
  });
}

async function exists(run: Run, root: Host): Promise<boolean> {
  const { target } = run.journal.document;
  if (!target) return false;
  const name = nameOf(run);
  const listed = await runChecked(root, [
    ...['zfs', 'list', '-H', '-o', 'name', '-t', 'snapshot', '-r', target.dataset],
  ]);
  return listed.split('\n').includes(name);
}

function nameOf({ journal }: Run): string {
  const { ctid, target } = journal.document;
  return `${target?.dataset ?? ''}@${switchSnapshot(ctid)}`;
}

/** Its name, without the dataset. */
export function switchSnapshot(ctid: string): string {
  return `vz2osctl-${ctid}-switch`;
}

/** A container that has run for a while has changed thousands of files; a person reads some. */
export const MOST_CHANGES = 200;
