import { HOLD_TAG } from '../../export/zfs-snapshots.ts';
import { quoteArgv, quoteForShell } from '../../host/quote.ts';
import { sendCommand, sendFlags } from '../../zfs/plan.ts';
import { possibleBases, unneededSnapshots, withDataset } from '../zfs/progress-of-datasets.ts';
import { fullName } from '../zfs/source.ts';
import { nextName } from '../zfs/source-snapshots.ts';
import type { Draft } from './draft.ts';
import { expectedPass, notePass } from './expect.ts';

export interface PlannedStream {
  /** Relative to the root dataset. */
  readonly name: string;
  readonly verb: 'base' | 'incremental';
  readonly snapshot: string;
}

/** One pass of send streams. `take`: the end of the pipe that takes a stream. */
export function streamPass(draft: Draft, last: boolean, take: (stream: PlannedStream) => string): void {
  noteUnknownDatasets(draft);
  if (!last) prune(draft);
  draft.note(expectedPass(draft.document));
  const snapshot = takeSnapshot(draft);
  const isBase = draft.document.sync.passes.length === 0;
  for (const { name, doubtful } of draft.document.sync.datasets) {
    if (doubtful !== null)
      draft.note(`whether ${doubtful} has arrived is looked at first: a stream from a later one is shorter`);
    sendOne(draft, name, snapshot, { last, take });
  }
  notePass(draft, isBase ? 'base' : 'increment');
  if (!last) prune(draft);
}

/** Releases and destroys all that the migration has made on the source. */
export function removeSnapshots(draft: Draft): void {
  for (const name of draft.document.source.snapshots) removeSnapshot(draft, name);
}

/** Those that no stream starts from any more. */
function prune(draft: Draft): void {
  for (const name of unneededSnapshots(draft.document)) removeSnapshot(draft, name);
}

function removeSnapshot(draft: Draft, name: string): void {
  const { source } = draft.document;
  const snapshot = quoteForShell(`${datasetOf(draft)}@${name}`);
  draft.line(draft.atSource(`zfs release -r ${HOLD_TAG} ${snapshot}; zfs destroy -r ${snapshot}`));
  draft.change({ source: { ...source, snapshots: source.snapshots.filter((one) => one !== name) } });
}

function takeSnapshot(draft: Draft): string {
  const { ctid, source } = draft.document;
  const name = nextName(ctid, source.snapshots, draft.options.now.getTime());
  const snapshot = `${datasetOf(draft)}@${name}`;
  draft.source('zfs', 'snapshot', '-r', snapshot);
  draft.source('zfs', 'hold', '-r', HOLD_TAG, snapshot);
  draft.change({ source: { ...source, snapshots: [...source.snapshots, name] } });
  return name;
}

interface Sending {
  readonly last: boolean;
  readonly take: (stream: PlannedStream) => string;
}

function sendOne(draft: Draft, name: string, snapshot: string, { last, take }: Sending): void {
  const { compressedSend, facts } = draft.document.container.source;
  const [base = null] = possibleBases(draft.document, name);
  const flags = sendFlags(facts?.node.programs.zfsSend ?? [], compressedSend);
  const send = sendCommand(flags, fullName(datasetOf(draft), name), snapshot, base ?? undefined);
  const rate = draft.options.bytesPerSecond;
  const limit = last || rate === undefined ? '' : `pv -qL ${rate} | `;
  const gentle = last ? [] : ['nice', '-n', '19', 'ionice', '-c', '3'];
  const verb = base === null ? 'base' : 'incremental';
  draft.line(
    `${draft.atSource(quoteArgv([...gentle, ...send]))} | ${limit}${take({ name, verb, snapshot })}`,
  );
  const confirmed = { name: snapshot, guid: null };
  draft.change({ sync: withDataset(draft.document, name, { confirmed, doubtful: null }) });
}

/** Before it is staged nobody has noted which there are. */
export function noteUnknownDatasets(draft: Draft): void {
  const { sync, container } = draft.document;
  if (sync.datasets.length > 0) return;
  const known = container.source.facts?.dataset?.children ?? [];
  const root = datasetOf(draft);
  const names = [
    '',
    ...known.flatMap((child) => (child.startsWith(`${root}/`) ? [child.slice(root.length + 1)] : [])),
  ];
  draft.change({
    sync: { ...sync, datasets: names.sort().map((name) => ({ name, confirmed: null, doubtful: null })) },
  });
}

function datasetOf({ document }: Draft): string {
  return document.container.source.dataset ?? '';
}
