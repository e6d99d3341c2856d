import { EXIT, VzError } from '../../errors.ts';
import {
  holdSnapshot,
  SNAPSHOT_LIMIT_MS,
  snapshotFailed,
  snapshotName,
  undoSnapshot,
} from '../../export/zfs-snapshots.ts';
import { describeExit, run as runOn } from '../../host/run.ts';
import type { Run } from '../run.ts';
import { unneededSnapshots } from './progress-of-datasets.ts';
import { listSource, type SourceListing, type ZfsSource } from './source.ts';

/**
 * Makes a snapshot of all datasets at one moment, written down before, and held, so that no job that destroys old ones takes
 * it. Throws VzError: 74.
 */
export async function takeSnapshot(
  run: Run,
  source: ZfsSource,
  signal: AbortSignal,
): Promise<{ readonly name: string; readonly listing: SourceListing }> {
  const { journal, source: host, io } = run;
  const { ctid, source: state } = journal.document;
  const { dataset } = source;
  const name = nextName(ctid, state.snapshots, Date.now());
  await journal.save({ source: { ...state, snapshots: [...state.snapshots, name] } });
  const argv = ['zfs', 'snapshot', '-r', `${dataset}@${name}`];
  // The container may be down: nobody waits for a zfs that hangs.
  const limited = AbortSignal.any([signal, AbortSignal.timeout(SNAPSHOT_LIMIT_MS)]);
  const made = await journal.effect('zfs snapshot', () => runOn(host, argv, { signal: limited }));
  signal.throwIfAborted();
  if (made.code !== 0) {
    const how = limited.aborted ? `took longer than ${SNAPSHOT_LIMIT_MS / 1000} s` : describeExit(made);
    throw snapshotFailed(host, how, made.stderr);
  }
  const [unheld, listing] = await Promise.all([
    journal.effect('zfs hold', () => holdSnapshot({ host, dataset, name, recursive: true, signal })),
    listSource(run, source, signal),
  ]);
  if (unheld !== undefined)
    io.log.warning(
      `ct ${ctid}: the snapshot ${name} is not held, and a job that destroys snapshots may take it: ${unheld}`,
    );
  return { name, listing };
}

/** Releases and destroys those that nothing is sent from any more. What cannot be destroyed is said, and tried again next time. */
export async function pruneSnapshots(run: Run): Promise<void> {
  for (const name of unneededSnapshots(run.journal.document)) {
    const failed = await removeSnapshot(run, name);
    if (failed !== null) run.io.log.warning(failed);
  }
}

/** Releases and destroys all that the migration has made on the source; can be repeated. Throws VzError (69). */
export async function removeSourceSnapshots(run: Run): Promise<void> {
  for (const name of run.journal.document.source.snapshots) {
    const failed = await removeSnapshot(run, name);
    if (failed === null) continue;
    throw new VzError('ZFS_FAILED', {
      exit: EXIT.unavailable,
      where: run.source.label,
      what: failed,
      hint: 'has somebody made a clone of it? Run it again when that is gone',
    });
  }
}

/** null: it is gone. */
async function removeSnapshot({ journal, source: host }: Run, name: string): Promise<string | null> {
  const { dataset } = journal.document.container.source;
  if (dataset === null) return null;
  const result = await journal.effect(
    `zfs destroy ${name}`,
    () => runOn(host, ['sh', '-c', undoSnapshot(dataset, name)]),
    ({ code }, { source }) =>
      code === 0 ? { source: { ...source, snapshots: source.snapshots.filter((one) => one !== name) } } : {},
  );
  return result.code === 0 ? null : `${dataset}@${name} could not be destroyed: ${describeExit(result)}`;
}

/** Its time rises strictly, also when two are made in one second or the clock is set back. */
export function nextName(ctid: string, known: readonly string[], nowMs: number): string {
  const last = Math.max(0, ...known.map((name) => Number(/-(\d+)$/.exec(name)?.[1] ?? 0)));
  return snapshotName(ctid, 'sync', new Date(Math.max(nowMs, (last + 1) * 1000)));
}
