import type { Io } from '../cli/io.ts';
import type { Host } from '../host/host.ts';
import { describeExit, run } from '../host/run.ts';
import { listSnapshots, ownSnapshots, undoSnapshot } from './zfs-snapshots.ts';

/**
 * Removes what dead runs for this container have left. Only under the container's lock: nobody is at work with them then.
 * What cannot be removed (somebody has made a clone of it) is said, and no reason not to go on.
 */
export async function removeDead(
  host: Host,
  { ctid, dataset }: { readonly ctid: string; readonly dataset: string },
  { log, signal }: Io,
): Promise<void> {
  for (const name of ownSnapshots(await listSnapshots(host, dataset, signal), ctid)) {
    const result = await run(host, ['sh', '-c', undoSnapshot(dataset, name)], { signal });
    signal.throwIfAborted();
    const snapshot = `${dataset}@${name}`;
    if (result.code === 0) log.info(`ct ${ctid}: removed ${snapshot}, which a dead run had left`);
    else log.warning(`ct ${ctid}: could not remove ${snapshot} of a dead run: ${describeExit(result)}`);
  }
}
