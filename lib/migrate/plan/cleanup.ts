import { requireTransferred } from '../steps/cleanup.ts';
import { switchSnapshot } from '../target/switch-snapshot.ts';
import type { Draft } from './draft.ts';
import { removeSnapshots } from './streams.ts';
import { planOf } from './ways.ts';

/** Ends a migration that has moved its container. */
export function cleanupPlan(draft: Draft): void {
  requireTransferred(draft.document);
  const { ctid, destination, container } = draft.document;
  if (draft.options.deleteSource)
    draft.note('the old container goes only when the new one was seen to run, by root there');
  removeSnapshots(draft);
  if (draft.options.deleteSource) {
    draft.note(`its id is asked for, or given: --confirm ${ctid}`);
    draft.source('vzctl', 'destroy', ctid);
    const { dataset } = container.source;
    if (dataset !== null) draft.source('zfs', 'destroy', '-r', dataset);
  }
  if (destination.rootSession) draft.target(`zfs destroy -r ${draft.names.dataset}@${switchSnapshot(ctid)}`);
  planOf(draft.document).finish(draft);
}
