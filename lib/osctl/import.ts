import { randomUUID } from 'node:crypto';
import type { Log } from '../cli/log.ts';
import { formatBytes, formatDuration } from '../cli/units.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { approveArchive } from './approve.ts';
import type { ArchiveHead } from './archive-head.ts';
import { explainFailure } from './failure.ts';
import type { Finding } from './findings.ts';
import type { FollowUpResult, Imported } from './follow-ups.ts';
import { applyFollowUps, leaveFollowUps, planFollowUps } from './follow-ups.ts';
import type { ImportOptions } from './import-options.ts';
import type { NodeState, Pool } from './node-state.ts';
import { inspectNode } from './node-state.ts';
import { judgeOutcome } from './outcome.ts';
import type { PoolState } from './pool-state.ts';
import { inspectPool } from './pool-state.ts';
import type { Judgement } from './preflight.ts';
import { choosePool, judge } from './preflight.ts';
import { importArgv } from './print-command.ts';
import { sendArchive } from './send.ts';

export interface ImportJob {
  readonly host: Host;
  /** The command that gets a shell there, for messages: `ssh root@node`. */
  readonly login: string;
  /** null: the node's only pool. */
  readonly pool: string | null;
  readonly head: ArchiveHead;
  readonly options: ImportOptions;
  /** Size of the archive when it is a file; null: not known. */
  readonly archiveBytes: bigint | null;
  readonly cancelInput: (reason: Error) => void;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** What is known before anything is changed. */
export interface Preflight extends Judgement {
  readonly id: string;
  readonly pool: Pool;
  readonly node: NodeState;
  readonly space: PoolState;
  /** Dataset that the container will have. */
  readonly dataset: string;
  /** What the import leaves to do, or does with `--apply`. */
  readonly followUps: readonly FollowUpResult[];
}

export interface ImportReport {
  readonly kind: 'import-report';
  readonly host: string;
  readonly pool: string;
  readonly id: string;
  readonly user: string | null;
  readonly dataset: string;
  readonly state: string;
  readonly bytes: number;
  readonly autostart: boolean;
  readonly warnings: readonly Finding[];
  readonly followUps: readonly FollowUpResult[];
}

/** Looks at the node and decides whether the import may go ahead. Throws VzError: 69, 75, 77, and 78 for a pool. */
export async function checkBeforehand(job: ImportJob): Promise<Preflight> {
  const { host, head, options, archiveBytes, signal, log } = job;
  const id = options.asId ?? head.document.id;
  log.info(`${host.label}: looking at the node`);
  const node = await inspectNode(host, job.pool === null ? id : `${job.pool}:${id}`, signal);
  const pool = choosePool(node, job.pool, host.label);
  const dataset = options.dataset ?? `${pool.dataset}/ct/${id}`;
  const question = { dataset: pool.dataset, containerDataset: dataset, spoolDir: options.spoolDir, id };
  const space = await inspectPool(host, question, signal);
  const judgement = judge({ id, document: head.document, options, archiveBytes }, node, pool, space);
  const names = { ct: `${pool.name}:${id}`, dataset };
  const followUps = leaveFollowUps(planFollowUps(head.document.followUps, names, host.label));
  return { ...judgement, id, pool, node, space, dataset, followUps };
}

/**
 * Imports an archive that flows in. The node is only changed once all of it has arrived and was found right. Throws
 * VzError: 78 refused beforehand, 65 a bad archive (nothing was imported), 69 the import failed and this is what it
 * left, 76 nobody knows.
 */
export async function importArchive(job: ImportJob): Promise<ImportReport> {
  const { host, head, options, log } = job;
  const before = await checkBeforehand(job);
  for (const { text } of before.warnings) log.warning(text);
  if (before.refusals.length > 0) throw refused(before, host.label);
  const { id, pool } = before;
  const started = Date.now();
  const seal = randomUUID();
  log.info(
    `${host.label}: importing ${pool.name}:${id} (the archive is kept in ${before.space.spoolDir} meanwhile)`,
  );
  const outcome = await sendArchive({
    host,
    argv: importArgv({ pool: pool.name, id, spoolDir: before.space.spoolDir, seal, options }),
    seal,
    archive: head.bytes,
    cancelInput: job.cancelInput,
    signal: job.signal,
    onStderrLine: (line) => log.detail(`${host.label}: ${line}`),
    approve: (archive) => approveArchive(archive, head.document, options),
    onSent: (bytes) => {
      const elapsedMs = Math.max(Date.now() - started, 1);
      const rate = formatBytes(Math.round((bytes * 1000) / elapsedMs));
      log.info(
        `sent ${formatBytes(bytes)} in ${formatDuration(elapsedMs)} (${rate}/s), the archive is whole`,
      );
      log.info('osctld imports it now, which is not interrupted any more');
    },
  });
  const container = judgeOutcome(outcome, {
    host: host.label,
    login: job.login,
    ct: `${pool.name}:${id}`,
    id,
  });
  if (!('state' in container)) throw await explainFailure(job, before, container.stderr);
  log.info(
    `imported ${container.pool}:${id}, ${container.state}, in ${formatDuration(Date.now() - started)}`,
  );
  const dataset = container.dataset ?? before.dataset;
  return {
    kind: 'import-report',
    host: host.label,
    pool: container.pool,
    id,
    user: container.user ?? null,
    dataset,
    state: container.state,
    bytes: outcome.bytes,
    autostart: container['autostart'] === true,
    warnings: [...before.warnings, ...(outcome.report?.warnings ?? [])],
    followUps: await followUp(job, { ct: `${container.pool}:${container.id}`, dataset }),
  };
}

/** Nobody interrupts it: each step is short, and the report has to come. */
async function followUp({ host, head, options }: ImportJob, imported: Imported): Promise<FollowUpResult[]> {
  const where = `${host.label}: ${imported.ct} is imported`;
  const steps = planFollowUps(head.document.followUps, imported, where);
  return options.apply ? applyFollowUps(host, steps, imported) : leaveFollowUps(steps);
}

function refused({ refusals }: Preflight, where: string): VzError {
  const what = refusals.map(({ text }) => text).join('; ');
  return new VzError('REFUSED', { exit: EXIT.refused, where, what, hint: 'nothing was imported' });
}
