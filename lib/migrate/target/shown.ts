import { setTimeout as sleep } from 'node:timers/promises';
import type { VzMigration } from '../../documents/documents.ts';
import { EXIT, VzError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { describeExit, runChecked, run as runOn } from '../../host/run.ts';
import { parsePools, parseShownContainer, type ShownContainer } from '../../osctl/node-state.ts';
import { recogniseOsctlError } from '../../osctl/osctl-errors.ts';
import { MIGRATION_ATTRIBUTE } from '../attributes.ts';
import type { Run } from '../run.ts';

export interface SeenTarget extends ShownContainer {
  /** It carries the id of this migration. */
  readonly isOurs: boolean;
}

/** POOL:ID of the target, or its id where nobody knows the pool. */
export function targetWord({ journal }: Run): string {
  const pool = poolOf(journal.document);
  const { id } = journal.document.container;
  return pool === null ? id : `${pool}:${id}`;
}

/** null: nobody has said it, and the receive protocol does not. */
function poolOf({ target, destination }: VzMigration): string | null {
  return target && target.pool !== POOL_OF_KEY ? target.pool : destination.pool;
}

/**
 * What `osctl ct show` says; null: there is none. Throws VzError: 69, 75 while it is locked, or its pool is not there: a node
 * that has just booted knows none of the containers whose pool it has not imported yet, and starts them then.
 */
export async function seeTarget(run: Run, root: Host): Promise<SeenTarget | null> {
  const seen = await show(run, root);
  if (seen) return seen;
  await requirePool(run, root);
  // It may have been imported between the two.
  return show(run, root);
}

async function show(run: Run, root: Host): Promise<SeenTarget | null> {
  const result = await runOn(root, ['osctl', '-j', 'ct', 'show', targetWord(run)]);
  if (result.code === 0) {
    const shown = parseShownContainer(result.stdout.toString(), root.label);
    return { ...shown, isOurs: shown[MIGRATION_ATTRIBUTE] === run.journal.document.id };
  }
  if (/^error: container not found$/m.test(result.stderr)) return null;
  throw osctlFailure(root, 'ct show', result);
}

async function requirePool({ journal }: Run, root: Host): Promise<void> {
  const wanted = poolOf(journal.document);
  const listed = await runOn(root, ['osctl', '-j', 'pool', 'ls']);
  if (listed.code !== 0) throw osctlFailure(root, 'pool ls', listed);
  const names = parsePools(listed.stdout.toString(), root.label).map(({ name }) => name);
  if (wanted === null ? names.length > 0 : names.includes(wanted)) return;
  throw new VzError('NO_POOL', {
    exit: EXIT.tempFail,
    where: root.label,
    what: `its pool ${wanted ?? ''} is not imported, so nobody knows what containers it has`,
    hint: 'has the node just booted? run it again when osctl pool ls lists it',
  });
}

/** The same, of this migration. Throws VzError: 78 when somebody else's container has its id, and as `seeTarget`. */
export async function ourTarget(run: Run, root: Host): Promise<SeenTarget | null> {
  const seen = await seeTarget(run, root);
  if (seen && !seen.isOurs) throw notOurs(run, root);
  return seen;
}

/** Where a container's dataset is mounted when it is. Throws VzError (69). */
export async function mountpointOf(root: Host, dataset: string): Promise<string> {
  return (await runChecked(root, ['zfs', 'get', '-H', '-o', 'value', 'mountpoint', dataset])).trimEnd();
}

/**
 * Deletes a container of this migration and proves that it is gone. Throws VzError: 78 for one that is not ours or runs, 69 when
 * osctl fails, 75 when it is still there after a minute.
 */
export async function deleteTarget(run: Run, root: Host): Promise<void> {
  const ct = targetWord(run);
  const seen = await ourTarget(run, root);
  if (!seen) return;
  if (seen.state === 'running') {
    throw new VzError('RUNNING', {
      exit: EXIT.refused,
      where: `${root.label}: ${ct}`,
      what: 'runs',
      hint: `look at why; to stop it: ${run.login} osctl ct stop ${ct}`,
    });
  }
  const result = await run.journal.effect('osctl ct del', () =>
    runOn(root, ['osctl', '-q', 'ct', 'del', ct]),
  );
  if (result.code !== 0 && (await seeTarget(run, root)) !== null) throw osctlFailure(root, 'ct del', result);
  if (!(await isGone(run, root))) throw stillThere(run, root.label);
}

/** Looks until it is gone, for a minute at most: a deletion moves a dataset, and waits for what was at work on it. */
export async function isGone(run: Run, root: Host): Promise<boolean> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  for (;;) {
    if ((await seeTarget(run, root)) === null) return true;
    if (performance.now() > deadlineMs) return false;
    await sleep(RETRY_MS);
  }
}

export function stillThere(run: Run, where: string): VzError {
  const ct = targetWord(run);
  return new VzError('STILL_THERE', {
    exit: EXIT.tempFail,
    where: `${where}: ${ct}`,
    what: 'its deletion was accepted, and it is still there',
    hint: `run it again; to look: ${run.login} osctl ct show ${ct}`,
  });
}

function notOurs(run: Run, root: Host): VzError {
  const ct = targetWord(run);
  return new VzError('NOT_OURS', {
    exit: EXIT.refused,
    where: `${root.label}: ${ct}`,
    what: 'is not the container that this migration has made, and stays',
    hint: `look: ${run.login} osctl ct show ${ct}`,
  });
}

function osctlFailure(root: Host, words: string, result: Parameters<typeof describeExit>[0]): VzError {
  const known = recogniseOsctlError(result.stderr);
  return new VzError('OSCTL_FAILED', {
    exit: known?.exit ?? EXIT.unavailable,
    where: root.label,
    what: `osctl ${words} ${describeExit(result)}`,
    hint: known?.hint,
  });
}

/** Stands for the pool of a key, which nobody without a root session knows; also in the protocol. */
export const POOL_OF_KEY = '-';
export const PATIENCE_MS = 60_000;
export const RETRY_MS = 1000;
