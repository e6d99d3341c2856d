import type { StreamSummary } from '../zfs/stream-check.ts';
import type { Findings } from './findings.ts';
import type { SendStreamResult } from './send-stream.ts';

/**
 * Judges the send streams of an archive, each for itself and each incremental one by the base stream of its dataset:
 * what `zfs recv` would refuse, and what it would take although osctld must not get it.
 */
export function judgeSendStreams(results: readonly SendStreamResult[], findings: Findings): void {
  const bases = new Map<string, StreamSummary>();
  for (const result of results) {
    const { name, failure } = result;
    if (failure) {
      findings.error(failure.code, `${name}: ${failure.what}`);
      continue;
    }
    judgeKind(name, result.summary, findings);
    const { stream, dataset } = datasetOf(name);
    // Of both forms osctld takes the plain one.
    if (stream === 'base' && !(name.endsWith('.gz') && bases.has(dataset)))
      bases.set(dataset, result.summary);
  }
  for (const result of results) {
    if (result.failure) continue;
    const { stream, dataset } = datasetOf(result.name);
    const from = result.summary.snapshots[0]?.fromGuid ?? null;
    const base = bases.get(dataset);
    const expected = stream === 'base' ? null : base?.snapshots.at(-1)?.toGuid;
    if (expected === undefined || from === expected) continue;
    const text = `builds on ${inWords(from)}, expected ${inWords(expected)}`;
    findings.error('STREAM_BASE', `${result.name}: ${text}`);
  }
}

/**
 * osctld destroys each name of snapshots.yml on every dataset once all is received, and one that is missing fails the
 * import then. What is not listed stays.
 */
export function judgeSnapshots(
  value: unknown,
  results: readonly SendStreamResult[],
  datasets: readonly string[],
  findings: Findings,
): void {
  if (!isNames(value)) {
    findings.error('BAD_SNAPSHOTS', 'snapshots.yml: expected a list of short snapshot names, each once');
    return;
  }
  // Of a damaged stream it is not known what is in it, and it is an error anyway.
  if (results.some(({ failure }) => failure !== null)) return;
  const kept = new Set<string>();
  for (const dataset of ['', ...datasets]) {
    const there = snapshotsOf(results, dataset);
    for (const name of value) {
      if (there.has(name)) continue;
      const where = dataset === '' ? 'the root dataset' : dataset;
      const text = `${name} is in no stream of ${where}: the import would fail once all is received`;
      findings.error('SNAPSHOT_MISSING', `snapshots.yml: ${text}`);
    }
    for (const name of there) if (!value.includes(name)) kept.add(name);
  }
  if (kept.size > 0)
    findings.warning(
      'SNAPSHOT_KEPT',
      `not in snapshots.yml, so they stay on the node: ${[...kept].join(', ')}`,
    );
}

function judgeKind(name: string, { compound, snapshots }: StreamSummary, findings: Findings): void {
  if (compound) {
    findings.error('STREAM_COMPOUND', `${name}: ${COMPOUND}`);
  }
  const features = BigInt(`0x${snapshots[0]?.features || '0'}`);
  if (features & RESUMING) {
    findings.error(
      'STREAM_RESUMING',
      `${name}: the rest of an interrupted stream, which does not stand alone`,
    );
  }
  if (features & DEDUP) {
    findings.error(
      'STREAM_DEDUP',
      `${name}: a deduplicated stream (zfs send -D), which OpenZFS does not take`,
    );
  }
  if (features & RAW) {
    findings.warning('STREAM_RAW', `${name}: an encrypted stream: without its key the node cannot mount it`);
  }
}

function snapshotsOf(results: readonly SendStreamResult[], dataset: string): ReadonlySet<string> {
  return new Set(
    results.flatMap((result) => {
      if (result.failure || datasetOf(result.name).dataset !== dataset) return [];
      return result.summary.snapshots.map(({ toName }) => toName.slice(toName.indexOf('@') + 1));
    }),
  );
}

/** Of the name of a payload; the dataset is empty for the container's own. */
export function datasetOf(name: string): { stream: 'base' | 'incremental'; dataset: string } {
  const [, directory = '', stream] = /^rootfs\/(.+\/)?(base|incremental)\.dat(?:\.gz)?$/.exec(name) ?? [];
  return { stream: stream === 'base' ? 'base' : 'incremental', dataset: directory.replace(/\/$/, '') };
}

/** Like dataset names, they reach a shell on the node. One that is named twice is not there any more the second time. */
function isNames(value: unknown): value is string[] {
  return (
    Array.isArray(value) &&
    new Set(value).size === value.length &&
    value.every((name: unknown) => typeof name === 'string' && /^[A-Za-z0-9_.:][A-Za-z0-9_.:-]*$/.test(name))
  );
}

function inWords(guid: string | null): string {
  return guid === null ? 'nothing (a full stream)' : `snapshot ${guid}`;
}

/** Why such a stream must not reach osctld. */
export const COMPOUND = 'a compound stream (zfs send -p, -R or -I): its properties would be set on the node';
/** Feature flags of a BEGIN record (OpenZFS, zfs_ioctl.h: DMU_BACKUP_FEATURE_…). */
const DEDUP = 0x3n;
const RESUMING = 1n << 20n;
const RAW = 1n << 24n;
