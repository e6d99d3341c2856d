import { hasStreamName } from '../documents/names.ts';
import { EXIT, VzError } from '../errors.ts';

/** What the payload members of an archive amount to. */
export interface PayloadSet {
  readonly format: 'tar' | 'zfs';
  /** Subdatasets in the order they came, parents first. */
  readonly datasets: readonly string[];
}

/** True for the names under which osctld looks for data. */
export function isPayloadName(name: string): boolean {
  if (name === TAR_PAYLOAD || name === SNAPSHOTS) return true;
  const [, directory] = ZFS_PAYLOAD.exec(name) ?? [];
  return directory !== undefined && !hasStreamName(directory);
}

/**
 * Checks that the payloads make a whole archive: one tar, or ZFS streams of the root dataset and of each subdataset
 * after its parent. Throws VzError (65).
 */
export function describePayloads(names: readonly string[]): PayloadSet {
  if (names.length === 0) throw bad('no payload came', 'pipe the document through vz-rootfs-tar');
  const foreign = names.find((name) => !isPayloadName(name));
  if (foreign !== undefined) throw bad(`${JSON.stringify(foreign)} is no name that osctld knows`);
  if (names.includes(TAR_PAYLOAD)) {
    if (names.length > 1)
      throw bad(`${TAR_PAYLOAD} stands alone, but ${names.find((name) => name !== TAR_PAYLOAD)} came too`);
    return { format: 'tar', datasets: [] };
  }
  return { format: 'zfs', datasets: datasetsOf(names) };
}

function datasetsOf(names: readonly string[]): string[] {
  const based = new Set<string>();
  const incremental = new Set<string>();
  for (const name of names) {
    const match = ZFS_PAYLOAD.exec(name);
    if (!match) continue;
    const dataset = (match[1] ?? '').replace(/\/$/, '');
    if (match[2] === 'base') {
      const parent = dataset.includes('/') ? dataset.slice(0, dataset.lastIndexOf('/')) : '';
      if (dataset !== '' && !based.has(parent))
        throw bad(`${name} came before the base stream of its parent`);
      if (based.has(dataset)) throw bad(`${name}: a second base stream of the same dataset`);
      based.add(dataset);
    } else if (!based.has(dataset)) {
      throw bad(`${name} came without its base stream`);
    } else if (incremental.has(dataset)) {
      throw bad(`${name}: a second incremental stream of the same dataset`);
    } else incremental.add(dataset);
  }
  if (!based.has('')) throw bad('no base stream of the root dataset came');
  return [...based].filter((dataset) => dataset !== '');
}

function bad(what: string, hint?: string): VzError {
  return new VzError('BAD_PAYLOADS', { exit: EXIT.data, where: 'stdin', what, hint });
}

export const TAR_PAYLOAD = 'rootfs/base.tar.gz';
/** The short names that osctld destroys on every dataset once all is received. */
export const SNAPSHOTS = 'snapshots.yml';
const ZFS_PAYLOAD = /^rootfs\/((?:[A-Za-z0-9_.:-]+\/)*)(base|incremental)\.dat(?:\.gz)?$/;
