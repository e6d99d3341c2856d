import { namesOf, runStep, untilAnswered } from '../files/node-script.ts';
import type { Run } from '../run.ts';
import { commitNoted } from '../transfer/commit-noted.ts';
import commitScript from './commit.sh';
import datasets from './datasets.sh';
import withholdScript from './withhold.sh';

/**
 * Makes of received datasets a container that can be started. Throws VzError: 69 and code TARGET_FAILED when it is proved that
 * it is none, 75 when the node was not reached, 76.
 */
export function mountTarget(run: Run): Promise<void> {
  return commitNoted(run, () => onTarget(run, 'mount the target, canmount=noauto', commitScript));
}

/**
 * Unmounts a container's datasets and keeps its root dataset from being mounted: whatever somebody types, a start fails there.
 * Throws VzError: 69 and code TARGET_FAILED when it cannot be done (it runs, or somebody stands in it), 76.
 */
export function withholdTarget(run: Run): Promise<void> {
  return onTarget(run, 'unmount the target, canmount=off', withholdScript);
}

async function onTarget(run: Run, effect: string, main: string): Promise<void> {
  const script = `${datasets}\n${main}`;
  const names = namesOf(run);
  await untilAnswered(run, () => run.journal.effect(effect, () => runStep(run, { script, names })));
}
