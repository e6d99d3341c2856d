import type { Run } from '../run.ts';
import commitScript from './commit.sh';
import { putMapsOn } from './maps.ts';
import { namesOf, runStep, untilAnswered } from './node-script.ts';
import withholdScript from './withhold.sh';

/**
 * Makes of the data a container that can be started: the id maps come back, then one rename. Throws VzError: 69 and
 * code TARGET_FAILED when it is proved that nothing can be started; 76.
 */
export async function commit(run: Run): Promise<void> {
  const names = namesOf(run);
  await untilAnswered(run, () => putMapsOn(run));
  await untilAnswered(run, () =>
    run.journal.effect('mv vz2osctl.incoming private', () => runStep(run, { script: commitScript, names })),
  );
}

/**
 * Takes the files out of their place again, so that nothing can start; a pass goes on from them. The container must be
 * stopped. Throws VzError: 69 and code TARGET_FAILED; 76.
 */
export async function withhold(run: Run): Promise<void> {
  const names = namesOf(run);
  await untilAnswered(run, () =>
    run.journal.effect('mv private vz2osctl.incoming', () => runStep(run, { script: withholdScript, names })),
  );
}
