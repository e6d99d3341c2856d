import { formatDuration } from '../cli/units.ts';
import type { GuestFixReport } from '../guest/apply.ts';
import { applyFixes } from '../guest/apply.ts';
import { selectFixes } from '../guest/select.ts';
import { importDirectly } from './direct.ts';
import type { FollowUpResult, Imported } from './follow-ups.ts';
import { applyFollowUps, leaveFollowUps, planFollowUps } from './follow-ups.ts';
import type { ImportJob, ImportReport } from './import-job.ts';
import { lookBeforeImport, refused } from './look.ts';
import { importSpooled } from './spooled.ts';

/**
 * Imports an archive that flows in. Throws VzError: 78 refused beforehand, 65 a bad archive (nothing was imported), 69 the
 * import failed and this is what it left, 76 nobody knows.
 */
export async function importArchive(job: ImportJob): Promise<ImportReport> {
  const { host, options, log } = job;
  const before = await lookBeforeImport(job);
  for (const { text } of before.warnings) log.warning(text);
  if (before.refusals.length > 0) throw refused(before, host.label, 'nothing was imported');
  const started = Date.now();
  const imported = options.direct ? await importDirectly(job, before) : await importSpooled(job, before);
  const { container } = imported;
  const ct = `${container.pool}:${container.id}`;
  const dataset = container.dataset ?? before.dataset;
  log.info(
    `imported ${container.pool}:${container.id}, ${container.state}, in ${formatDuration(Date.now() - started)}`,
  );
  const followUps = await followUp(job, { ct, dataset });
  const guestFixes = await fixGuest(job, ct);
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
    followUps,
    guestFixes,
  };
}

/** Behind the follow-ups, and nobody interrupts it either; null: it was not asked for. */
async function fixGuest({ host, head, options, log }: ImportJob, ct: string): Promise<GuestFixReport | null> {
  if (!options.guestFix) return null;
  const selected = selectFixes(head.document.config.distribution, options.guestFix);
  log.info(`${ct}: making it ready: ${selected.map(({ fix }) => fix.id).join(', ')}`);
  return applyFixes(host, ct, selected);
}

/** Nobody interrupts it: each step is short, and the report has to come. */
async function followUp({ host, head, options }: ImportJob, imported: Imported): Promise<FollowUpResult[]> {
  const where = `${host.label}: ${imported.ct} is imported`;
  const steps = planFollowUps(head.document.followUps, imported, where);
  return options.apply ? applyFollowUps(host, steps, imported) : leaveFollowUps(steps);
}
