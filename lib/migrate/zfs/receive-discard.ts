import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, VzError } from '../../errors.ts';
import type { Answer } from '../../osctl/receive/answer.ts';
import { receiveFailure, unknownCommand } from '../../osctl/receive/errors.ts';
import { cancelStaged, cleanUpTransferred, probeStaged, type Staged } from '../../osctl/receive/staged.ts';
import type { Run } from '../run.ts';
import {
  deleteTarget,
  isGone,
  PATIENCE_MS,
  RETRY_MS,
  seeTarget,
  stillThere,
  targetWord,
} from '../target/shown.ts';
import { stagedTarget } from './receive-end.ts';
import { SKEL } from './receive-make.ts';

/**
 * Has the staged container deleted, and proves that it is gone: by root's look, or by its token, which is free then. Throws
 * VzError: 69 when it was transferred and only root can delete it, 75, 76.
 */
export async function discardReceived(run: Run): Promise<void> {
  const { journal, root } = run;
  if (!journal.document.target?.token) return discardWithoutToken(run);
  const staged = stagedTarget(run);
  const answer = await journal.effect('receive cancel', () => cancelStaged(staged));
  if (root) {
    if (answer.kind === 'done' && (await isGone(run, root))) return;
    return deleteTarget(run, root);
  }
  // A free token: nobody but us had it, and a transfer would not be cancelled.
  if (answer.kind === 'refused' && answer.error.code === 'NO_CONTAINER') return;
  if (answer.kind !== 'done') throw whyNot(run, staged, answer);
  if (!(await isTokenFree(staged))) throw stillThere(run, staged.host.label);
}

/** Generation 2, behind a transfer; can be repeated. Throws VzError: 75 when the answer was lost, 69. */
export async function cleanUpReceived(run: Run): Promise<void> {
  const { target } = run.journal.document;
  if (!target?.token || target.protocol !== 2) return;
  const staged = stagedTarget(run);
  const answer = await run.journal.effect('receive cleanup', () => cleanUpTransferred(staged));
  // A token that is free was cleaned up by a run that did not hear of it.
  if (answer.kind === 'done' || (answer.kind === 'refused' && answer.error.code === 'NO_CONTAINER')) return;
  throw whyNot(run, staged, answer);
}

async function discardWithoutToken(run: Run): Promise<void> {
  const { journal, root } = run;
  if (root) {
    // Another one of that id is somebody else's.
    if ((await seeTarget(run, root))?.isOurs) await deleteTarget(run, root);
    return;
  }
  if (journal.document.doing?.effect !== SKEL) return;
  throw new VzError('OUTCOME_UNKNOWN', {
    exit: EXIT.unknownOutcome,
    where: `ct ${journal.document.ctid}`,
    what: 'whether it was staged on the new node is not known',
    hint: `look: ${run.login} osctl ct show ${targetWord(run)}; if its attribute vz2osctl:migration is ${journal.document.id}: ${run.login} osctl ct del ${targetWord(run)}; then cancel with --force`,
  });
}

async function isTokenFree(staged: Staged): Promise<boolean> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  for (;;) {
    if ((await probeStaged(staged)) === 'gone') return true;
    if (performance.now() > deadlineMs) return false;
    await sleep(RETRY_MS);
  }
}

function whyNot(run: Run, staged: Staged, answer: Exclude<Answer, { kind: 'done' }>): VzError {
  const where = staged.host.label;
  if (answer.kind === 'unsent') return answer.error;
  if (answer.kind === 'usage') return unknownCommand(where);
  if (answer.kind === 'unknown') {
    const what = `the answer was lost: ${answer.what}`;
    return new VzError('ANSWER_LOST', { exit: EXIT.tempFail, where, what, hint: 'run it again' });
  }
  const failure = receiveFailure(answer.error, where);
  const isRootsMatter = ['NOT_STAGED', 'SEND_SEQUENCE', 'INTERNAL_ERROR'].includes(failure.code);
  if (!isRootsMatter) return failure;
  const { code, exit, what } = failure;
  const hint = `only root can remove it now: ${run.login} osctl ct del ${targetWord(run)}`;
  return new VzError(code, { exit, where, what, hint });
}
