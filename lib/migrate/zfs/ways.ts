import { discard, finish } from '../files/discard.ts';
import { make } from '../files/make.ts';
import type { Run } from '../run.ts';
import type { Way } from '../way.ts';
import { passWhileRunning, prepareLastPass } from './pass.ts';
import { predictLastPass } from './predict.ts';
import { requireWhole } from './progress-of-datasets.ts';
import { commitReceived } from './receive-commit.ts';
import { cleanUpReceived, discardReceived } from './receive-discard.ts';
import { receiveEnd } from './receive-end.ts';
import { noteWhere, stageOverReceive } from './receive-make.ts';
import { rootEnd } from './root-end.ts';
import { noteDatasets } from './source.ts';
import { removeTargetSnapshots } from './target-snapshots.ts';
import { mountTarget, withholdTarget } from './withhold.ts';

/** Send streams over the receive protocol. A root session, where there is one, looks at what the protocol does not tell. */
export const receiveWay: Way = {
  make: stageOverReceive,
  pass: async (run) => {
    await noteWhere(run);
    return passWhileRunning(run, receiveEnd(run));
  },
  predict: predictLastPass,
  prepareLast: (run) => prepareLastPass(run, receiveEnd(run)),
  commit: async (run) => {
    requireWhole(run.journal.document);
    await commitReceived(run);
  },
  withhold: withholdTarget,
  discard: discardReceived,
  finish: async (run) => {
    await cleanUpReceived(run);
    await finishByRoot(run);
  },
};

/** Send streams into `zfs recv` of a root session. Nothing can start there before the commit: the dataset cannot be mounted. */
export const rootWay: Way = {
  make: async (run) => {
    await noteDatasets(run);
    await make(run);
  },
  pass: (run) => passWhileRunning(run, rootEnd(run)),
  predict: predictLastPass,
  prepareLast: (run) => prepareLastPass(run, rootEnd(run, true)),
  commit: async (run) => {
    requireWhole(run.journal.document);
    await mountTarget(run);
  },
  withhold: withholdTarget,
  discard,
  finish: finishByRoot,
};

async function finishByRoot(run: Run): Promise<void> {
  if (!run.root) return;
  await removeTargetSnapshots(run, run.root);
  await finish(run);
}
