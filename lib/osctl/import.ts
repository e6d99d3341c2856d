import { formatDuration } from '../cli/units.ts';
import { EXIT, VzError } from '../errors.ts';
import { importDirectly } from './direct.ts';
import type { FollowUpResult, Imported } from './follow-ups.ts';
import { applyFollowUps, leaveFollowUps, planFollowUps } from './follow-ups.ts';
import type { ImportJob, ImportReport, Preflight } from './import-job.ts';
import { inspectNode } from './node-state.ts';
import { inspectPool } from './pool-state.ts';
import { choosePool, judge } from './preflight.ts';
import { importSpooled } from './spooled.ts';
import { importMark } from './unfinished.ts';

/** Looks at the node and decides whether the import may go ahead. Throws VzError: 69, 75, 77, and 78 for a pool. */
export async function checkBeforehand(job: ImportJob): Promise<Preflight> {
  const { host, head, options, archiveBytes, signal, log } = job;
  const { document } = head;
  const id = options.asId ?? document.id;
  log.info(`${host.label}: looking at the node`);
  const inPool = (name: string): string => (job.pool === null ? name : `${job.pool}:${name}`);
  const user = options.asUser === undefined && document.user !== null ? inPool(document.user.name) : null;
  const node = await inspectNode(host, { ct: inPool(id), user }, signal);
  const pool = choosePool(node, job.pool, host.label);
  const dataset = options.dataset ?? `${pool.dataset}/ct/${id}`;
  const mark = importMark(node.container);
  const question = { dataset: pool.dataset, containerDataset: dataset, spoolDir: options.spoolDir, id, mark };
  const space = await inspectPool(host, question, signal);
  const judgement = judge({ id, document, options, archiveBytes }, node, pool, space);
  const names = { ct: `${pool.name}:${id}`, dataset };
  const followUps = leaveFollowUps(planFollowUps(document.followUps, names, host.label));
  return { ...judgement, id, pool, node, space, dataset, followUps };
}

/**
 * Imports an archive that flows in. Throws VzError: 78 refused beforehand, 65 a bad archive (nothing was imported), 69 the
 * import failed and this is what it left, 76 nobody knows.
 */
export async function importArchive(job: ImportJob): Promise<ImportReport> {
  const { host, options, log } = job;
  const before = await checkBeforehand(job);
  for (const { text } of before.warnings) log.warning(text);
  if (before.refusals.length > 0) throw refused(before, host.label);
  const started = Date.now();
  const imported = options.direct ? await importDirectly(job, before) : await importSpooled(job, before);
  const { container } = imported;
  log.info(
    `imported ${container.pool}:${container.id}, ${container.state}, in ${formatDuration(Date.now() - started)}`,
  );
  const dataset = container.dataset ?? before.dataset;
  return {
    kind: 'import-report',
    host: host.label,
    pool: container.pool,
    id: container.id,
    user: container.user ?? null,
    dataset,
    state: container.state,
    direct: options.direct,
    bytes: imported.bytes,
    autostart: container['autostart'] === true,
    warnings: [...before.warnings, ...imported.warnings],
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
  // Of these alone, waiting helps.
  const isBusy = refusals.every(({ code }) => code === 'IMPORT_RUNNING');
  const exit = isBusy ? EXIT.tempFail : EXIT.refused;
  return new VzError('REFUSED', { exit, where, what, hint: 'nothing was imported' });
}
