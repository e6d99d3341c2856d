import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, VzError } from '../../errors.ts';
import type { Answer } from '../../osctl/receive/answer.ts';
import { receiveFailure } from '../../osctl/receive/errors.ts';
import { probeStaged, type Staged, transferStaged } from '../../osctl/receive/staged.ts';
import type { Run } from '../run.ts';
import { lookCommands } from '../target/look.ts';
import { seeTarget } from '../target/shown.ts';
import { commitNoted } from '../transfer/commit-noted.ts';
import { NO_TIMES } from '../transfer/times.ts';
import { stagedTarget } from './receive-end.ts';

/**
 * The staged container becomes `stopped`. A transfer whose answer was lost is repeated: osctld does one thing on a container at
 * a time, and so the next answer tells what became of the first. Throws VzError: 69 and code COMMIT_FAILED when it is proved
 * that it is staged still, 76 when nobody knows.
 */
export async function commitReceived(run: Run): Promise<void> {
  await commitNoted(run, (isAgain) => transfer(run, 'stopped', isAgain));
}

/**
 * The same, and it is started: of generation 2, whose answer is true. Throws VzError as `commitReceived`, and 69 with code
 * START_FAILED when it does not start: it is staged then, as before.
 */
export async function transferAndStart(run: Run): Promise<void> {
  await commitNoted(run, (isAgain) => transfer(run, 'start', isAgain));
}

/** `wasSent`: by a run that has died, perhaps: then a free token means that it has come through. */
async function transfer(run: Run, how: 'stopped' | 'start', wasSent: boolean): Promise<void> {
  const { journal } = run;
  // The notes in the journal stay where nobody knows, and only there.
  const failure = await journal.effect(
    'receive transfer',
    async () => {
      try {
        await untilAnswered(run, how, wasSent);
        return null;
      } catch (error) {
        if (error instanceof VzError && error.code !== 'OUTCOME_UNKNOWN') return error;
        throw error;
      }
    },
    (failed, { transfer: times }) =>
      failed ? { transfer: { ...(times ?? NO_TIMES), committingAt: null, startingAt: null } } : {},
  );
  if (failure) throw failure;
}

async function untilAnswered(run: Run, how: 'stopped' | 'start', wasSentBefore: boolean): Promise<void> {
  const staged = stagedTarget(run);
  let wasSent = wasSentBefore;
  for (let tries = 1; ; tries += 1) {
    const answer = await transferStaged(staged, how);
    if (await isTransferred(run, staged, answer, wasSent)) return;
    wasSent ||= answer.kind === 'unknown';
    if (tries === TRIES) throw wasSent ? unknown(run, answer) : notDone(run, answer);
    await sleep(RETRY_MS);
  }
}

/** False: it is worth another try. Throws VzError for what is proved, and for what cannot be known. */
async function isTransferred(run: Run, staged: Staged, answer: Answer, wasSent: boolean): Promise<boolean> {
  if (answer.kind === 'done') return true;
  if (answer.kind === 'usage') throw notDone(run, answer);
  // The key may have been for one use.
  if (answer.kind !== 'refused') return isSeen(run);
  switch (answer.error.code) {
    case 'NOT_STAGED':
      return true;
    case 'SEND_SEQUENCE':
      if (staged.protocol === 2) return true;
      throw notDone(run, answer);
    case 'NO_CONTAINER':
      if (await isSeen(run)) return true;
      if (wasSent && !run.root) return true;
      throw unknown(run, answer);
    case 'START_FAILED':
      throw receiveFailure(answer.error, staged.host.label);
    // Complete, perhaps: a snapshot that could not be destroyed ends so, too.
    case 'INTERNAL_ERROR':
    case 'RECEIVE_FAILED': {
      if (await isSeen(run)) return true;
      const probed = await probeStaged(staged);
      if (probed === 'transferred') return true;
      if (probed === 'staged') throw notDone(run, answer);
      throw unknown(run, answer);
    }
    default:
      if (await isSeen(run)) return true;
      if (wasSent) throw unknown(run, answer);
      throw notDone(run, answer);
  }
}

/** Root sees a container of ours that is staged no more. False as well where nobody can look. */
async function isSeen(run: Run): Promise<boolean> {
  if (!run.root) return false;
  try {
    const seen = await seeTarget(run, run.root);
    return seen?.isOurs === true && seen.state !== 'staged';
  } catch (error) {
    if (error instanceof VzError) return false;
    throw error;
  }
}

function notDone({ journal }: Run, answer: Answer): VzError {
  const hint = answer.kind === 'refused' ? answer.error.hint : undefined;
  return new VzError('COMMIT_FAILED', {
    exit: EXIT.unavailable,
    where: `ct ${journal.document.ctid}`,
    what: `the node did not take it over: ${describe(answer)}`,
    hint,
  });
}

function unknown(run: Run, answer: Answer): VzError {
  return new VzError('OUTCOME_UNKNOWN', {
    exit: EXIT.unknownOutcome,
    where: `ct ${run.journal.document.ctid}`,
    what: `whether it was transferred is not known: ${describe(answer)}`,
    hint: `neither side is touched; look first (staged: it was not): ${lookCommands(run)}`,
  });
}

function describe(answer: Answer): string {
  switch (answer.kind) {
    case 'refused':
      return answer.error.text;
    case 'unsent':
      return answer.error.message;
    case 'unknown':
      return answer.what;
    default:
      return 'an unknown command';
  }
}

const TRIES = 3;
const RETRY_MS = 2000;
