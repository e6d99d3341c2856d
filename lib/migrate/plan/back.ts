import { requireCancellable } from '../steps/cancel.ts';
import { requireMoved } from '../steps/rollback.ts';
import { switchSnapshot } from '../target/switch-snapshot.ts';
import { nobodyCanProve } from '../transfer/go-back.ts';
import { isUntouched, mayHaveStarted } from '../transfer/times.ts';
import type { Draft } from './draft.ts';
import { giveBack, hook, recover } from './source.ts';
import { removeSnapshots } from './streams.ts';
import { planOf } from './ways.ts';

/** Back to the source behind the point of no return. */
export function rollbackPlan(draft: Draft): void {
  const { ctid, step, destination } = draft.document;
  if (step === 'returned') {
    draft.note('it is back already');
    return;
  }
  requireMoved(draft.document);
  if (isUntouched(draft.document)) {
    draft.note('nothing was done on the new node: it cannot start there');
    giveBack(draft);
    draft.change({ step: 'synced' });
    hook(draft, 'returned');
    return;
  }
  if (!destination.rootSession) throw nobodyCanProve(ctid);
  const { ct } = draft.names;
  if (step !== 'returning' && mayHaveStarted(draft.document)) {
    draft.note(
      draft.options.dropChanges
        ? 'what has changed there since the transfer is lost'
        : 'not when anything has changed there since the transfer, unless --drop-changes is said',
    );
    for (const one of draft.datasets) draft.target(`zfs diff ${one}@${switchSnapshot(ctid)} ${one}`);
  }
  draft.target(`osctl -q ct stop ${ct}`);
  draft.target(`osctl -q ct unset autostart ${ct}`);
  draft.note('only when it is proved that it cannot start there any more is the old one started');
  planOf(draft.document).withhold(draft);
  giveBack(draft);
  draft.change({ step: 'returned' });
  hook(draft, 'returned');
}

/** Ends a migration before the point of no return, or behind a return from it. */
export function cancelPlan(draft: Draft): void {
  requireCancellable(draft.document);
  recover(draft);
  planOf(draft.document).discard(draft);
  if (draft.options.force) draft.note('when the new node does not answer, what is there is left there');
  removeSnapshots(draft);
}
