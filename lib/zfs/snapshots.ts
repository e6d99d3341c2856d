import { EXIT, VzError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { quoteForShell } from '../host/quote.ts';
import { describeExit, run, runChecked } from '../host/run.ts';

export type SnapshotKind = 'base' | 'last';

/** `vz2osctl-101-base-1700000000`: of the tool, of the container, and of this run. */
export function snapshotName(ctid: string, kind: SnapshotKind, at: Date): string {
  return `vz2osctl-${ctid}-${kind}-${Math.floor(at.getTime() / 1000)}`;
}

/** Names, without their datasets, that runs of this program for this container have made. */
export function ownSnapshots(snapshots: readonly string[], ctid: string): string[] {
  const own = new RegExp(`@(vz2osctl-${ctid}-(?:base|last)-\\d+)$`);
  return [...new Set(snapshots.flatMap((snapshot) => own.exec(snapshot)?.[1] ?? []))].sort();
}

/**
 * A line of sh that releases and destroys the snapshot NAME of the dataset and of those below it, and nothing else.
 * It succeeds when there is none, or no such dataset any more. One by one: a `destroy -r` that was cut off leaves
 * children whose parent has no such snapshot, where a further `-r` would find nothing.
 */
export function undoSnapshot(dataset: string, name: string): string {
  const list = `l=$(zfs list -H -o name -t snapshot -r ${quoteForShell(dataset)} 2>&1)`;
  const gone = `{ case $l in *'dataset does not exist'*) exit 0 ;; esac; exit 1; }`;
  const remove = `zfs release ${HOLD_TAG} "$s" </dev/null 2>/dev/null; zfs destroy "$s" </dev/null || r=1`;
  const each = `while IFS= read -r s; do case $s in *@${quoteForShell(name)}) ${remove} ;; esac; done`;
  return `${list} || ${gone}; printf '%s\\n' "$l" | { r=0; ${each}; exit $r; }`;
}

/** Of the dataset and of all below it, at one moment. Throws VzError (74). */
export async function makeSnapshot(
  host: Host,
  dataset: string,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const result = await run(host, ['zfs', 'snapshot', '-r', `${dataset}@${name}`], { signal });
  signal.throwIfAborted();
  if (result.code === 0) return;
  throw new VzError('SNAPSHOT_FAILED', {
    exit: EXIT.io,
    where: host.label,
    what: `zfs snapshot ${describeExit(result)}`,
    hint: /out of space|quota/i.test(result.stderr) ? 'free space on the pool' : undefined,
  });
}

/** Keeps it from jobs that destroy old snapshots. Returns what zfs said when it could not (pools before version 18). */
export async function holdSnapshot(
  host: Host,
  dataset: string,
  name: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const result = await run(host, ['zfs', 'hold', '-r', HOLD_TAG, `${dataset}@${name}`], { signal });
  signal.throwIfAborted();
  return result.code === 0 ? undefined : `zfs hold ${describeExit(result)}`;
}

/** DATASET@NAME of all snapshots of the dataset and of those below it. Throws VzError (69). */
export async function listSnapshots(host: Host, dataset: string, signal: AbortSignal): Promise<string[]> {
  const text = await runChecked(host, ['zfs', 'list', '-H', '-o', 'name', '-t', 'snapshot', '-r', dataset], {
    signal,
  });
  return text.split('\n').filter(Boolean);
}

/** The datasets that have the snapshot, parents first: a parent's name is the beginning of its children's. */
export function datasetsWith(snapshots: readonly string[], name: string): string[] {
  return snapshots
    .filter((snapshot) => snapshot.endsWith(`@${name}`))
    .map((snapshot) => snapshot.slice(0, -name.length - 1))
    .sort();
}

export const HOLD_TAG = 'vz2osctl';
