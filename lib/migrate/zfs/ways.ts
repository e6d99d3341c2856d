import type { Way } from '../way.ts';
import { finishTarget } from './finish.ts';
import { passWhileRunning, passWhileStopped } from './pass.ts';
import { predictLastPass } from './predict.ts';
import { commitReceived } from './receive-commit.ts';
import { cleanUpReceived, discardReceived } from './receive-discard.ts';
import { receiveEnd } from './receive-end.ts';
import { stageOverReceive } from './receive-make.ts';
import { withholdTarget } from './withhold.ts';

/** Send streams over the receive protocol. A root session, where there is one, looks at what the protocol does not tell. */
export const receiveWay: Way = {
  make: stageOverReceive,
  pass: (run) => passWhileRunning(run, receiveEnd(run)),
  predict: predictLastPass,
  lastPass: (run, guard) => passWhileStopped(run, receiveEnd(run), guard),
  commit: commitReceived,
  withhold: withholdTarget,
  discard: discardReceived,
  finish: async (run) => {
    await cleanUpReceived(run);
    if (run.root) await finishTarget(run, run.root);
  },
};
