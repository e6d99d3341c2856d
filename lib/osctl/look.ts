import type { Log } from '../cli/log.ts';
import type { OsctlContainer } from '../documents/documents.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { sortBlockers } from './blockers.ts';
import { leaveFollowUps, planFollowUps } from './follow-ups.ts';
import type { ImportJob, Preflight } from './import-job.ts';
import type { ImportOptions } from './import-options.ts';
import { inspectNode } from './node-state.ts';
import { inspectPool } from './pool-state.ts';
import { choosePool, judge } from './preflight.ts';
import { importMark } from './unfinished.ts';

/** A container that shall come to a node. */
export interface Coming {
  readonly host: Host;
  /** null: the node's only pool. */
  readonly pool: string | null;
  readonly document: OsctlContainer;
  readonly options: ImportOptions;
  /** Size of the archive when it is a file; null: not known. */
  readonly archiveBytes: bigint | null;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** Looks at the node and decides whether the container may come. Throws VzError: 69, 75, 77, and 78 for a pool. */
export async function lookBeforehand(coming: Coming): Promise<Preflight> {
  const { host, document, options, archiveBytes, signal, log } = coming;
  const id = options.asId ?? document.id;
  log.info(`${host.label}: looking at the node`);
  const inPool = (name: string): string => (coming.pool === null ? name : `${coming.pool}:${name}`);
  const user = options.asUser === undefined && document.user !== null ? inPool(document.user.name) : null;
  const node = await inspectNode(host, { ct: inPool(id), user }, signal);
  const pool = choosePool(node, coming.pool, host.label);
  const dataset = options.dataset ?? `${pool.dataset}/ct/${id}`;
  const mark = importMark(node.container);
  const question = { dataset: pool.dataset, containerDataset: dataset, spoolDir: options.spoolDir, id, mark };
  const space = await inspectPool(host, question, signal);
  const judgement = judge({ id, document, options, archiveBytes }, node, pool, space);
  const names = { ct: `${pool.name}:${id}`, dataset };
  const followUps = leaveFollowUps(planFollowUps(document.followUps, names, host.label));
  return { ...judgement, id, pool, node, space, dataset, followUps };
}

/** The same with the blockers of the document. */
export async function lookBeforeImport(job: ImportJob): Promise<Preflight> {
  const { document } = job.head;
  const found = await lookBeforehand({ ...job, document });
  const { refusals, warnings } = sortBlockers(document, job.ignored);
  return {
    ...found,
    refusals: [...refusals, ...found.refusals],
    warnings: [...warnings, ...found.warnings],
  };
}

/** The error that names everything that speaks against it. `hint` says what has not been done. */
export function refused({ refusals }: Preflight, where: string, hint: string): VzError {
  const what = refusals.map(({ text }) => text).join('; ');
  // Of these alone, waiting helps.
  const isBusy = refusals.every(({ code }) => code === 'IMPORT_RUNNING');
  return new VzError('REFUSED', { exit: isBusy ? EXIT.tempFail : EXIT.refused, where, what, hint });
}
