import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, VzError } from '../errors.ts';
import type { Guard } from '../guard/guard.ts';
import { doStep } from '../guard/step.ts';
import type { Host } from '../host/host.ts';
import { quoteForShell } from '../host/quote.ts';
import { describeExit, run, runChecked } from '../host/run.ts';

/** `tar`: its files are read. `sync`: of a migration, which keeps it for the next pass; no export touches it. */
export type SnapshotKind = 'base' | 'last' | 'tar' | 'sync';

/** `vz2osctl-101-base-1700000000`: of the tool, of the container, and of this run. */
export function snapshotName(ctid: string, kind: SnapshotKind, at: Date): string {
  return `vz2osctl-${ctid}-${kind}-${Math.floor(at.getTime() / 1000)}`;
}

/** Names, without their datasets, that exports of this container have made. */
export function ownSnapshots(snapshots: readonly string[], ctid: string): string[] {
  const own = new RegExp(`@(vz2osctl-${ctid}-(?:base|last|tar)-\\d+)$`);
  return [...new Set(snapshots.flatMap((snapshot) => own.exec(snapshot)?.[1] ?? []))].sort();
}

/** Whether NAME, without its dataset, is a snapshot of a migration of this container. */
export function isSyncSnapshot(name: string, ctid: string): boolean {
  return new RegExp(`^vz2osctl-${ctid}-sync-\\d+$`).test(name);
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

export interface NewSnapshot {
  readonly host: Host;
  readonly guard: Guard;
  readonly dataset: string;
  readonly name: string;
  /** Of all datasets below as well, at one moment. */
  readonly recursive: boolean;
  readonly signal: AbortSignal;
}

/**
 * Makes a snapshot that the guard removes at the end, also when it was still on its way when we were killed. Throws
 * VzError (74).
 */
export async function makeSnapshot(snapshot: NewSnapshot): Promise<void> {
  const { host, guard, dataset, name, recursive, signal } = snapshot;
  const argv = ['zfs', 'snapshot', ...(recursive ? ['-r'] : []), `${dataset}@${name}`];
  const made = doStep(guard, host, { argv, undo: undoSnapshot(dataset, name) });
  const result = await orGivenUp(made, signal);
  signal.throwIfAborted();
  if (result.code === 0) return;
  throw snapshotFailed(host, describeExit(result), result.stderr);
}

/** `how` it ended, for people; `stderr` tells whether there was no room. */
export function snapshotFailed(host: Host, how: string, stderr: string): VzError {
  return new VzError('SNAPSHOT_FAILED', {
    exit: EXIT.io,
    where: host.label,
    what: `zfs snapshot ${how}`,
    hint: /out of space|quota/i.test(stderr) ? 'free space on the pool' : undefined,
  });
}

/**
 * The container may be down: nobody waits for a zfs that hangs. The guard starts the container, and then waits for the
 * command to undo it.
 */
async function orGivenUp<T>(made: Promise<T>, signal: AbortSignal): Promise<T> {
  made.catch(() => {});
  const given = new AbortController();
  const until = (ms: number): Promise<never> =>
    sleep(ms, undefined, { signal: AbortSignal.any([signal, given.signal]) }).then(() => {
      throw new VzError('SNAPSHOT_SLOW', {
        exit: EXIT.io,
        what: `zfs snapshot took longer than ${ms / 1000} s`,
        hint: 'look at what the pool is busy with, and run it again',
      });
    });
  try {
    return await Promise.race([made, until(SNAPSHOT_LIMIT_MS)]);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    given.abort();
  }
}

/** Keeps it from jobs that destroy old snapshots. Returns what zfs said when it could not (pools before version 18). */
export async function holdSnapshot({
  host,
  dataset,
  name,
  recursive,
  signal,
}: Omit<NewSnapshot, 'guard'>): Promise<string | undefined> {
  const argv = ['zfs', 'hold', ...(recursive ? ['-r'] : []), HOLD_TAG, `${dataset}@${name}`];
  const result = await run(host, argv, { signal });
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

/** A snapshot takes a second or two of a busy pool. */
export const SNAPSHOT_LIMIT_MS = 60_000;

export const HOLD_TAG = 'vz2osctl';
