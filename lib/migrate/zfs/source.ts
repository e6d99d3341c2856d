import { EXIT, VzError } from '../../errors.ts';
import { runChecked } from '../../host/run.ts';
import { probeNode } from '../../source/probe.ts';
import { sendFlags } from '../../zfs/plan.ts';
import { preflight } from '../../zfs/preflight.ts';
import type { Run } from '../run.ts';

/** The source as its streams need it. */
export interface ZfsSource {
  readonly dataset: string;
  /** Of `zfs send`, the same for all streams of the migration. */
  readonly flags: readonly string[];
}

/** What is there, of file systems; names are relative to the root dataset, which is the empty one. */
export interface SourceListing {
  /** Parents first. */
  readonly datasets: readonly string[];
  /** Those of them that have the snapshot. */
  readonly having: (snapshot: string) => string[];
}

/** Throws VzError (65) where the document names no dataset. */
export async function zfsSource({ journal, source: host, io }: Run): Promise<ZfsSource> {
  const { ctid, container } = journal.document;
  const { dataset, facts, compressedSend } = container.source;
  if (dataset === null)
    throw new VzError('NO_DATASET', {
      exit: EXIT.data,
      where: `ct ${ctid}`,
      what: 'the document names no dataset',
    });
  const { programs } = facts?.node ?? (await probeNode(host, io.signal));
  return { dataset, flags: sendFlags(programs.zfsSend, compressedSend) };
}

/**
 * Looks at the source before a pass or a stage. Throws VzError as `preflight`; 78 for a dataset that the target does not
 * have, 74 for one that is gone.
 */
export async function checkSource(run: Run): Promise<readonly string[]> {
  const { journal, source, io } = run;
  const { ctid, container, sync, target } = journal.document;
  const { dataset, datasets, warnings } = await preflight(source, container, io.signal);
  const names = datasets.map(({ name }) => relativeName(dataset, name));
  if (target) requireDatasets(run, names);
  if (sync.passes.length === 0) for (const warning of warnings) io.log.warning(`ct ${ctid}: ${warning}`);
  return names;
}

/** Before a target is made: what it will have. Returns the names. Throws VzError as `checkSource`. */
export async function noteDatasets(run: Run): Promise<readonly string[]> {
  const names = await checkSource(run);
  const datasets = names.map((name) => ({ name, confirmed: null, doubtful: null }));
  await run.journal.save({ sync: { passes: [], datasets }, target: null });
  return names;
}

/** Throws VzError: 78 for a dataset that the target does not have, 74 for one that is gone. */
export function requireDatasets({ journal }: Run, found: readonly string[]): void {
  const { ctid, sync } = journal.document;
  const known = sync.datasets.map(({ name }) => name);
  const late = found.filter((name) => !known.includes(name));
  if (late.length > 0) {
    throw new VzError('NEW_DATASET', {
      exit: EXIT.refused,
      where: `ct ${ctid}`,
      what: `made since stage, and not there on the target: ${late.join(', ')}`,
      hint: 'cancel and stage again, or destroy it when it is not wanted',
    });
  }
  const gone = known.find((name) => !found.includes(name));
  if (gone === undefined) return;
  throw new VzError('DATASET_VANISHED', {
    exit: EXIT.io,
    where: `ct ${ctid}`,
    what: `${gone === '' ? 'its dataset' : `the dataset ${gone}`} or its snapshot has vanished`,
    hint: 'look at who destroyed or renamed it, then cancel and stage again',
  });
}

/** Throws VzError (69). */
export async function listSource(
  { source: host }: Run,
  { dataset }: ZfsSource,
  signal: AbortSignal,
): Promise<SourceListing> {
  const columns = ['-H', '-o', 'name,type', '-t', 'filesystem,snapshot'];
  const text = await runChecked(host, ['zfs', 'list', ...columns, '-r', dataset], { signal });
  const rows = text.split('\n').map((line) => line.split('\t'));
  const named = (type: string): string[] => rows.flatMap(([name, is]) => (name && is === type ? [name] : []));
  const datasets = named('filesystem')
    .map((name) => relativeName(dataset, name))
    .sort();
  // A recursive snapshot is one of the volumes below, too; osctld knows file systems only.
  const snapshots = new Set(named('snapshot'));
  const having = (snapshot: string): string[] =>
    datasets.filter((name) => snapshots.has(`${fullName(dataset, name)}@${snapshot}`));
  return { datasets, having };
}

/** `var` of `tank/101` is `tank/101/var`. */
export function fullName(dataset: string, name: string): string {
  return name === '' ? dataset : `${dataset}/${name}`;
}

function relativeName(root: string, dataset: string): string {
  return dataset === root ? '' : dataset.slice(root.length + 1);
}
