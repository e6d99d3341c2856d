import { EXIT, VzError } from '../../errors.ts';
import { readUsableStatus } from '../../export/usable-status.ts';
import type { Run } from '../run.ts';
import { isSentAsStreams, wayOf } from '../ways.ts';

/**
 * Makes the container on the target, where it cannot start, and has no data yet. Costs the source nothing. Throws VzError:
 * 78 when the source or the target refuses, or when nobody could start it there and nobody was told to.
 */
export async function stage(run: Run): Promise<void> {
  const { step, ctid, container, destination } = run.journal.document;
  const where = `ct ${ctid}`;
  if (step !== 'staging') {
    run.io.log.info(`${where}: is staged already`);
    return;
  }
  const needsRoot = destination.via === 'root';
  if (needsRoot && !run.root) {
    const why = isSentAsStreams(container) ? '--via root' : 'its data goes as files, which';
    throw refuse(
      where,
      'NO_ROOT_SESSION',
      `${why} needs a root session on the new node`,
      `try: ${run.login}`,
    );
  }
  if (!run.root && destination.start === 'auto') {
    throw refuse(
      where,
      'NO_ROOT_SESSION',
      'without a root session on the new node it would stay down behind the transfer until somebody starts it there',
      'give one with --to root@HOST, or say --start manual',
    );
  }
  await readUsableStatus(run.source, ctid, run.io.signal);
  await wayOf(run.journal.document).make(run);
  run.io.log.info(`${where}: staged; it cannot start there before its transfer`);
}

function refuse(where: string, code: string, what: string, hint: string): VzError {
  return new VzError(code, { exit: EXIT.refused, where, what, hint });
}
