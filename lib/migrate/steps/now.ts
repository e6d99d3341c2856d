import { usage } from '../../cli/flags.ts';
import { reportText } from '../../convert/report.ts';
import { EXIT, VzError } from '../../errors.ts';
import { nounOf } from '../describe.ts';
import type { Run } from '../run.ts';
import { ask } from '../source/destroy.ts';
import { stage } from './stage.ts';
import type { StepOptions } from './step.ts';
import { sync } from './sync.ts';
import { transfer } from './transfer.ts';

/**
 * All of it: stage, what is lost on the way, a question, all data, transfer. Run again, it goes on where it was. Throws as
 * the steps do; 64 where nobody can be asked and `yes` was not said, with nothing done; 78 for a no.
 */
export async function now(run: Run, options: StepOptions): Promise<void> {
  const { io, journal } = run;
  const canAsk = io.stdinIsTty && io.stderrIsTty;
  if (!options.yes && !canAsk)
    throw usage('now stops the container: say --yes', 'on a terminal it is asked for');
  const { ctid, step } = journal.document;
  if (step === 'staging' || step === 'staged') {
    await stage(run);
    io.log.block(reportText(journal.document.container, { heading: true }));
    if (!options.yes) await requireYes(run);
    await sync(run);
  } else io.log.info(`ct ${ctid}: goes on, the migration is ${step}`);
  await transfer(run, options);
}

async function requireYes({ io, journal }: Run): Promise<void> {
  const { ctid } = journal.document;
  const answer = await ask(
    `ct ${ctid}: move it now? It will be stopped once its data was sent. [y/N] `,
    io.stdin,
    io.signal,
  );
  if (/^y(es)?$/i.test(answer.trim())) return;
  throw new VzError('DECLINED', {
    exit: EXIT.refused,
    where: `ct ${ctid}`,
    what: 'stays where it is',
    hint: `staged it is; vz-migrate-step cancel ${nounOf(journal.document)} removes that`,
  });
}
