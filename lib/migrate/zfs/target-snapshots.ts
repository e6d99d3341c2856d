import { EXIT, VzError } from '../../errors.ts';
import { isSyncSnapshot } from '../../export/zfs-snapshots.ts';
import type { Host } from '../../host/host.ts';
import { describeExit, runChecked, run as runOn } from '../../host/run.ts';
import type { Run } from '../run.ts';

/** Names of the snapshots of one dataset of the target. Throws VzError (69). */
export async function snapshotsThere(root: Host, dataset: string): Promise<string[]> {
  return (await listThere(root, dataset)).flatMap((one) =>
    one.startsWith(`${dataset}@`) ? [one.slice(dataset.length + 1)] : [],
  );
}

/** Destroys what passes have left of ours on the target; can be repeated. Throws VzError (69). */
export async function removeTargetSnapshots({ journal }: Run, root: Host): Promise<void> {
  const { ctid, target } = journal.document;
  if (!target) return;
  const ours = (await listThere(root, target.dataset)).filter((one) =>
    isSyncSnapshot(one.slice(one.indexOf('@') + 1), ctid),
  );
  if (ours.length === 0) return;
  await journal.effect('zfs destroy of snapshots on the target', async () => {
    for (const snapshot of ours) {
      const result = await runOn(root, ['zfs', 'destroy', snapshot]);
      if (result.code === 0) continue;
      throw new VzError('ZFS_FAILED', {
        exit: EXIT.unavailable,
        where: root.label,
        what: `zfs destroy ${snapshot} ${describeExit(result)}`,
        hint: 'run it again',
      });
    }
  });
}

async function listThere(root: Host, dataset: string): Promise<string[]> {
  const text = await runChecked(root, ['zfs', 'list', '-H', '-o', 'name', '-t', 'snapshot', '-r', dataset]);
  return text.split('\n').filter(Boolean);
}
