import { EXIT, VzError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { describeExit, runChecked, run as runOn } from '../../host/run.ts';
import type { Run } from '../run.ts';
import { targetWord } from './shown-target.ts';

/**
 * Unmounts a container's datasets and keeps its root dataset from being mounted: whatever somebody types, a start fails there.
 * Proved by a look. Throws VzError: 69 when it could not be done (it runs, or somebody stands in it).
 */
export async function withholdTarget(run: Run): Promise<void> {
  const { journal } = run;
  const root = requireRoot(run);
  const dataset = journal.document.target?.dataset;
  if (dataset === undefined) return;
  const where = `${root.label}: ${targetWord(run)}`;
  const fail = (what: string): VzError =>
    new VzError('WITHHOLD_FAILED', {
      exit: EXIT.unavailable,
      where,
      what: `cannot be kept from starting: ${what}`,
      hint: `stop it, leave its directories, and run this again: ${run.login} osctl ct stop ${targetWord(run)}`,
    });
  await journal.effect('unmount the target, canmount=off', async () => {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const failed = (await unmountAll(root, dataset)) ?? (await forbidMounts(root, dataset));
      if (failed !== null) throw fail(failed);
      // Between the two somebody may have mounted it.
      if ((await mounted(root, dataset)).length === 0) return;
    }
    throw fail('somebody mounts it again and again');
  });
}

/** Throws VzError (69). */
export function requireRoot({ root, login }: Run): Host {
  if (root) return root;
  throw new VzError('NO_ROOT_SESSION', {
    exit: EXIT.unavailable,
    what: 'this needs a root session on the new node',
    hint: `try: ${login}`,
  });
}

/** Unmounts all of a container's datasets, deepest first. Returns what zfs said when it would not. Throws VzError (69). */
export async function unmountAll(root: Host, dataset: string): Promise<string | null> {
  for (const name of (await mounted(root, dataset)).reverse()) {
    const result = await runOn(root, ['zfs', 'umount', name]);
    if (result.code !== 0) return `zfs umount ${name} ${describeExit(result)}`;
  }
  return null;
}

/** Returns what zfs said when it would not. */
export async function forbidMounts(root: Host, dataset: string): Promise<string | null> {
  const result = await runOn(root, ['zfs', 'set', 'canmount=off', dataset]);
  return result.code === 0 ? null : `zfs set canmount=off ${describeExit(result)}`;
}

/** Those that are mounted, parents first. */
async function mounted(root: Host, dataset: string): Promise<string[]> {
  const columns = ['-H', '-r', '-o', 'name,value', 'mounted', dataset];
  return (await runChecked(root, ['zfs', 'get', ...columns]))
    .split('\n')
    .map((line) => line.split('\t'))
    .flatMap(([name, value]) => (name && value === 'yes' && !name.includes('@') ? [name] : []))
    .sort();
}

const TRIES = 3;
