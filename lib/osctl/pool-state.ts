import { EXIT, VzError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import script from './inspect-pool.sh';
import type { Section } from './sections.ts';
import { runSections } from './sections.ts';
import type { ImportMark } from './unfinished.ts';

export interface PoolState {
  /** Space left in the pool's dataset; null: zfs did not say. */
  readonly availableBytes: bigint | null;
  readonly spoolDir: string;
  readonly spoolWritable: boolean;
  /** As `stat -f` names it: `zfs`, `tmpfs`. */
  readonly spoolFilesystem: string | null;
  readonly spoolFreeBytes: bigint | null;
  /** The dataset that the container would get is there already. */
  readonly datasetExists: boolean;
  /** osctld's configuration file of the container, when there is one. */
  readonly configFile: string | null;
  /** The direct import that was asked for goes on. */
  readonly importRuns: boolean;
}

export interface PoolQuestion {
  readonly dataset: string;
  readonly containerDataset: string;
  /** Default: the mountpoint of the pool's dataset. */
  readonly spoolDir: string | undefined;
  readonly id: string;
  /** Of a direct import that may go on. */
  readonly mark: ImportMark | null;
}

/** Looks at a pool and the spool directory. Changes nothing. */
export async function inspectPool(
  host: Host,
  question: PoolQuestion,
  signal: AbortSignal,
): Promise<PoolState> {
  const { dataset, containerDataset, spoolDir = '', id, mark } = question;
  const args = [dataset, containerDataset, spoolDir, id, mark?.pid ?? '0', mark?.word ?? 'none'];
  const sections = await runSections(host, script, args, signal);
  return readPoolState(sections, host.label);
}

export function readPoolState(sections: ReadonlyMap<string, Section>, where: string): PoolState {
  const output = (name: string): string | null => {
    const section = sections.get(name);
    return section?.code === 0 ? section.output : null;
  };
  const spoolDir = output('spool') ?? '';
  if (!spoolDir.startsWith('/')) {
    throw new VzError('NO_SPOOL', {
      exit: EXIT.unavailable,
      where,
      what: `the pool has no mountpoint (${spoolDir || sections.get('available')?.message || 'no answer'})`,
      hint: 'name a directory on the pool with --spool-dir',
    });
  }
  const freeKib = output('free')?.split('\n').at(-1)?.split(/\s+/)[3];
  return {
    availableBytes: wholeNumber(output('available')),
    spoolDir,
    spoolWritable: sections.get('writable')?.code === 0,
    spoolFilesystem: output('filesystem'),
    spoolFreeBytes: multiply(wholeNumber(freeKib ?? null), 1024n),
    configFile: output('config'),
    importRuns: sections.get('importer')?.code === 0,
    datasetExists: sections.get('dataset')?.code === 0,
  };
}

function wholeNumber(text: string | null): bigint | null {
  return text !== null && /^\d+$/.test(text) ? BigInt(text) : null;
}

function multiply(value: bigint | null, factor: bigint): bigint | null {
  return value === null ? null : value * factor;
}
