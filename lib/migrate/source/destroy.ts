import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { usage } from '../../cli/flags.ts';
import { EXIT, VzError } from '../../errors.ts';
import { describeExit, run as runOn } from '../../host/run.ts';
import { readStatus } from '../../source/status.ts';
import { vzctlFailure } from '../../vzctl/failure.ts';
import type { Run } from '../run.ts';
import type { StepOptions } from '../steps/step.ts';
import { vzctl } from './boot.ts';
import { hasDataset, requireOldContainer, whyNotOwn } from './still-ours.ts';

/** A person types the id once more, or a script says it. Throws VzError (64). */
export async function confirmDeletion({ journal, io }: Run, { confirm }: StepOptions): Promise<void> {
  const { ctid } = journal.document;
  if (confirm === undefined && !(io.stdinIsTty && io.stderrIsTty)) {
    throw usage(`--delete: expected --confirm ${ctid}`, 'on a terminal it is asked for');
  }
  const said =
    confirm ?? (await ask(`ct ${ctid}: its id, to delete the old container for good: `, io.stdin, io.signal));
  if (said.trim() === ctid) return;
  throw usage(`--delete: the id is ${ctid}, not ${JSON.stringify(said.trim())}`, 'nothing was deleted');
}

/** Asks on stderr: stdout carries the document. */
export async function ask(
  question: string,
  input: NodeJS.ReadableStream,
  signal: AbortSignal,
): Promise<string> {
  const lines = createInterface({ input, output: process.stderr });
  try {
    return await lines.question(question, { signal });
  } finally {
    lines.close();
  }
}

/**
 * Destroys the old container. Its dataset cannot be renamed away as vzctl does it (52: the private area is a mount point, and
 * the config is renamed all the same), so it is destroyed by zfs then, where it holds nothing else. Throws VzError: 78 when it
 * runs, or is another container by now; as vzctl and zfs fail.
 */
export async function destroySource(run: Run): Promise<void> {
  const { ctid, container } = run.journal.document;
  const status = await readStatus(run.source, ctid);
  if (status.running) {
    throw new VzError('RUNNING', {
      exit: EXIT.refused,
      where: `ct ${ctid}`,
      what: 'runs on the old node',
      hint: 'look at why: it must never run on both',
    });
  }
  const { dataset } = container.source;
  if (status.exists) await requireOldContainer(run);
  const isDataset = dataset !== null && (await hasDataset(run, dataset));
  const whyLeft = isDataset ? await whyNotOwn(run, dataset, status.exists) : null;
  if (whyLeft !== null) {
    run.io.log.warning(
      `ct ${ctid}: the dataset ${dataset} is left: ${whyLeft}; destroy it by hand when it is not wanted`,
    );
  }
  if (status.exists) {
    if (status.mounted) await vzctl(run, ['umount', ctid], { guarded: false });
    const exit = await run.journal.effect('vzctl destroy', () =>
      runOn(run.source, ['vzctl', 'destroy', ctid]),
    );
    const isMountPoint = exit.code === CANNOT_DELETE && isDataset;
    if (exit.code !== 0 && !isMountPoint) throw vzctlFailure({ verb: 'destroy', ctid, exit });
  }
  if (isDataset && whyLeft === null && (await hasDataset(run, dataset)))
    await run.journal.effect('zfs destroy', () => destroyDataset(run, dataset));
}

/** What was unmounted is busy for a moment. */
async function destroyDataset(run: Run, dataset: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const destroyed = await runOn(run.source, ['zfs', 'destroy', '-r', dataset]);
    if (destroyed.code === 0) return;
    if (tries === TRIES || !/busy/.test(destroyed.stderr)) {
      throw new VzError('ZFS_FAILED', {
        exit: EXIT.unavailable,
        where: run.source.label,
        what: `zfs destroy -r ${dataset} ${describeExit(destroyed)}`,
        hint: 'destroy it by hand',
      });
    }
    await sleep(RETRY_MS);
  }
}

/** Nothing of the old container is left that `destroySource` would destroy. Throws VzError (69). */
export async function isDestroyed(run: Run): Promise<boolean> {
  const { ctid, container } = run.journal.document;
  if ((await readStatus(run.source, ctid)).exists) return false;
  const { dataset } = container.source;
  return (
    dataset === null || !(await hasDataset(run, dataset)) || (await whyNotOwn(run, dataset, false)) !== null
  );
}

/** vzctl(8): the private area cannot be deleted. */
const CANNOT_DELETE = 52;
const TRIES = 15;
const RETRY_MS = 2000;
