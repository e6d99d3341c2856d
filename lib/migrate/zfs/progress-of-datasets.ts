import type { VzMigration } from '../../documents/documents.ts';
import { EXIT, VzError } from '../../errors.ts';

type Parts = Pick<VzMigration, 'source' | 'sync'>;
type Datasets = VzMigration['sync']['datasets'];
export type DatasetState = Datasets[number];

/** The state of one dataset. Throws TypeError for one that the migration does not have. */
export function datasetState({ sync }: VzMigration, name: string): DatasetState {
  const found = sync.datasets.find((one) => one.name === name);
  if (!found) throw new TypeError(`no dataset ${name}`);
  return found;
}

/** The migration's `sync` with one dataset changed. */
export function withDataset(
  { sync }: VzMigration,
  name: string,
  change: Partial<Omit<DatasetState, 'name'>>,
): VzMigration['sync'] {
  return { ...sync, datasets: sync.datasets.map((one) => (one.name === name ? { ...one, ...change } : one)) };
}

/**
 * What the next increment of a dataset may build on, in the order to try: each snapshot that was sent and whose answer was
 * lost, newest first, then the confirmed one; null: a full stream. Sent from the confirmed one at once, `zfs recv -F` would
 * destroy a newer snapshot that did arrive, and that osctld means to destroy itself at the transfer.
 */
export function possibleBases({ source, sync }: Parts, name: string): (string | null)[] {
  const state = sync.datasets.find((one) => one.name === name);
  const confirmed = state?.confirmed?.name ?? null;
  const doubtful = state?.doubtful ?? null;
  const last = doubtful === null ? -1 : source.snapshots.indexOf(doubtful);
  const first = confirmed === null ? -1 : source.snapshots.indexOf(confirmed);
  return [...source.snapshots.slice(first + 1, last + 1).reverse(), confirmed];
}

/**
 * Our snapshots that nothing will be sent from any more: older than what all datasets have confirmed, or newer than all that
 * was ever sent.
 */
export function unneededSnapshots({ source, sync }: Parts): string[] {
  const at = (snapshot: string | null | undefined): number =>
    snapshot == null ? -1 : source.snapshots.indexOf(snapshot);
  const oldest = Math.min(...sync.datasets.map(({ confirmed }) => at(confirmed?.name)));
  const newest = Math.max(
    ...sync.datasets.map(({ confirmed, doubtful }) => Math.max(at(confirmed?.name), at(doubtful))),
  );
  return source.snapshots.filter((_, index) => index < oldest || index > newest);
}

/**
 * Nothing on the target minds an empty or half a container, so we do. Throws VzError (69, code COMMIT_FAILED) unless all
 * datasets are there as of one snapshot.
 */
export function requireWhole({ ctid, sync }: VzMigration): void {
  const [first] = sync.datasets;
  const isThere = ({ confirmed, doubtful }: DatasetState): boolean =>
    confirmed !== null && doubtful === null && confirmed.name === first?.confirmed?.name;
  if (first && sync.datasets.every(isThere)) return;
  throw new VzError('COMMIT_FAILED', {
    exit: EXIT.unavailable,
    where: `ct ${ctid}`,
    what: 'its data is not whole on the new node',
    hint: 'a pass has to come through first',
  });
}
