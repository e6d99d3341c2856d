import type { Run } from '../run.ts';
import { commitNoted } from '../transfer/commit-noted.ts';
import commitScript from './commit.sh';
import maps from './maps.sh';
import { namesOf, runStep, untilAnswered } from './node-script.ts';
import withholdScript from './withhold.sh';

/**
 * Makes of the data a container that can be started: the id maps come back, then one rename. Throws VzError: 69 and
 * code TARGET_FAILED when it is proved that nothing can be started; 75 the node was not reached; 76.
 */
export async function commit(run: Run): Promise<void> {
  const { target } = run.journal.document;
  const args = [target?.maps?.uid ?? '', target?.maps?.gid ?? ''];
  const script = `${maps}\n${commitScript}`;
  const act = (): Promise<unknown> =>
    run.journal.effect(
      'zfs set uidmap gidmap, mv vz2osctl.incoming private',
      () => runStep(run, { script, names: namesOf(run), args }),
      (_, document) => (document.target ? { target: { ...document.target, maps: null } } : {}),
    );
  await commitNoted(run, async () => void (await untilAnswered(run, act)));
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
