import type { VzMigration } from '../../documents/documents.ts';
import type { MigrationStep } from '../../documents/vz-migration.ts';
import { EXIT, VzError } from '../../errors.ts';
import { readUsableStatus } from '../../export/usable-status.ts';
import type { Run } from '../run.ts';
import { isSentAsStreams, wayOf } from '../ways.ts';
import { wrongStep } from './wrong-step.ts';

/**
 * Makes the container on the target, where it cannot start, and has no data yet. Costs the source nothing. Throws VzError:
 * 78 when the source or the target refuses, or as `requireStarter`.
 */
export async function stage(run: Run): Promise<void> {
  const { step, ctid } = run.journal.document;
  const where = `ct ${ctid}`;
  if (ENDING.has(step)) throw wrongStep(run.journal.document, 'stage');
  if (step !== 'staging') {
    run.io.log.info(`${where}: is staged already`);
    return;
  }
  requireRootSession(run.journal.document, run.login);
  await readUsableStatus(run.source, ctid, run.io.signal);
  const way = wayOf(run.journal.document);
  await way.make(run);
  try {
    requireStarter(run);
  } catch (error) {
    await way.discard(run);
    await run.journal.save({ target: null, step: 'staging' });
    throw error;
  }
  run.io.log.info(`${where}: staged; it cannot start there before its transfer`);
}

/** Throws VzError (78) where the way needs a root session on the new node and there is none. `login`: how one is got. */
export function requireRootSession({ ctid, container, destination }: VzMigration, login: string): void {
  if (destination.rootSession || destination.via !== 'root') return;
  const why = isSentAsStreams(container) ? '--via root' : 'its data goes as files, which';
  throw noRootSession(ctid, `${why} needs a root session on the new node`, `try: ${login}`);
}

/**
 * Nobody may wait for a container that nobody starts. Which generation of the protocol it is, is known only when something
 * was staged: the first one does not tell how a start ends. Throws VzError (78).
 */
export function requireStarter(run: Run): void {
  const { ctid, destination, target } = run.journal.document;
  if (run.root || destination.start === 'manual' || target?.protocol === 2) return;
  throw noRootSession(
    ctid,
    'without a root session on the new node it would stay down behind the transfer until somebody starts it there',
    'give one with --to root@HOST, or say --start manual',
  );
}

function noRootSession(ctid: string, what: string, hint: string): VzError {
  return new VzError('NO_ROOT_SESSION', { exit: EXIT.refused, where: `ct ${ctid}`, what, hint });
}

/** What a migration is on the way to its end, or back from it. */
const ENDING: ReadonlySet<MigrationStep> = new Set(['cancelling', 'cleaning', 'returning', 'returned']);
