import type { VzMigration } from '../../documents/documents.ts';
import { EXIT, VzError } from '../../errors.ts';
import { readUsableStatus } from '../../export/usable-status.ts';
import type { Run } from '../run.ts';
import { isSentAsStreams, wayOf } from '../ways.ts';

/**
 * Makes the container on the target, where it cannot start, and has no data yet. Costs the source nothing. Throws VzError:
 * 78 when the source or the target refuses, or when nobody could start it there and nobody was told to.
 */
export async function stage(run: Run): Promise<void> {
  const { step, ctid } = run.journal.document;
  const where = `ct ${ctid}`;
  if (step !== 'staging') {
    run.io.log.info(`${where}: is staged already`);
    return;
  }
  requireRootSession(run.journal.document, run.login);
  await readUsableStatus(run.source, ctid, run.io.signal);
  await wayOf(run.journal.document).make(run);
  run.io.log.info(`${where}: staged; it cannot start there before its transfer`);
}

/** Throws VzError (78) where the way needs a root session on the new node and there is none. `login`: how one is got. */
export function requireRootSession({ ctid, container, destination }: VzMigration, login: string): void {
  if (destination.rootSession) return;
  const refuse = (what: string, hint: string): VzError =>
    new VzError('NO_ROOT_SESSION', { exit: EXIT.refused, where: `ct ${ctid}`, what, hint });
  if (destination.via === 'root') {
    const why = isSentAsStreams(container) ? '--via root' : 'its data goes as files, which';
    throw refuse(`${why} needs a root session on the new node`, `try: ${login}`);
  }
  if (destination.start === 'auto') {
    throw refuse(
      'without a root session on the new node it would stay down behind the transfer until somebody starts it there',
      'give one with --to root@HOST, or say --start manual',
    );
  }
}
