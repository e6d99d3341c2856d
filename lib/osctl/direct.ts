import { randomUUID } from 'node:crypto';
import { judgeDirect } from './direct-outcome.ts';
import { directArgv } from './direct-script.ts';
import { describeSending, type ImportedContainer, type ImportJob, type Preflight } from './import-job.ts';
import { newConfig } from './new-container.ts';
import { sendDirectly } from './send-direct.ts';
import { sendingOf } from './sending.ts';

/**
 * `--direct`: makes the container on the node and unpacks the archive there as it flows, into a place from which nothing
 * can start until all of it was found right. Throws VzError as `judgeDirect`.
 */
export async function importDirectly(job: ImportJob, before: Preflight): Promise<ImportedContainer> {
  const { host, log } = job;
  const { id, pool, dataset } = before;
  const started = Date.now();
  log.info(`${host.label}: importing ${pool.name}:${id} directly into ${dataset}`);
  const outcome = await sendDirectly({
    ...sendingOf(job),
    argv: directArgv(job, before, randomUUID()),
    config: newConfig(job.head.document),
    onSent: (bytes) => log.info(describeSending(bytes, started)),
  });
  const names = { host: host.label, login: job.login, ct: `${pool.name}:${id}`, id };
  const container = judgeDirect(outcome, names);
  return { container, bytes: outcome.bytes, warnings: outcome.archive?.report.warnings ?? [] };
}
