import { randomUUID } from 'node:crypto';
import { explainFailure } from './failure.ts';
import { describeSending, type ImportedContainer, type ImportJob, type Preflight } from './import-job.ts';
import { judgeOutcome } from './outcome.ts';
import { importArgv } from './print-command.ts';
import { sendArchive } from './send.ts';
import { sendingOf } from './sending.ts';

/**
 * Imports by `osctl ct import`, from a spool file on the node. The node is only changed once all of the archive has arrived
 * and was found right. Throws VzError as `judgeOutcome`, or what osctl's failure has left.
 */
export async function importSpooled(job: ImportJob, before: Preflight): Promise<ImportedContainer> {
  const { host, options, log } = job;
  const { id, pool } = before;
  const { spoolDir } = before.space;
  const started = Date.now();
  const seal = randomUUID();
  log.info(`${host.label}: importing ${pool.name}:${id} (the archive is kept in ${spoolDir} meanwhile)`);
  const outcome = await sendArchive({
    ...sendingOf(job),
    argv: importArgv({ pool: pool.name, id, spoolDir, seal, options }),
    seal,
    onSent: (bytes) => {
      log.info(describeSending(bytes, started));
      log.info('osctld imports it now, which is not interrupted any more');
    },
  });
  const names = { host: host.label, login: job.login, ct: `${pool.name}:${id}`, id };
  const container = judgeOutcome(outcome, names);
  if (!('state' in container)) throw await explainFailure(job, before, container.stderr);
  return { container, bytes: outcome.bytes, warnings: outcome.report?.warnings ?? [] };
}
