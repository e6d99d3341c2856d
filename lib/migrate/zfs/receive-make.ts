import { EXIT, VzError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { receiveFailure, unknownCommand } from '../../osctl/receive/errors.ts';
import { type SkelAnswer, sendSkel } from '../../osctl/receive/skel.ts';
import type { Run } from '../run.ts';
import { deleteTarget, mountpointOf, POOL_OF_KEY, seeTarget, targetWord } from '../target/shown.ts';
import { skelArchive } from './skel-archive.ts';
import { noteDatasets } from './source.ts';

/**
 * Stages the container over the receive protocol. One whose token was lost with the answer is deleted by root and made anew.
 * Throws VzError: 76 where nobody can tell whether there is such a one; 77, 78 what the node refuses; 69, 75; and as `preflight`.
 */
export async function stageOverReceive(run: Run): Promise<void> {
  try {
    await stage(run);
  } catch (error) {
    const isLost = error instanceof VzError && error.code === 'OUTCOME_UNKNOWN';
    if (!isLost || !run.root) throw error;
    run.io.log.info(`${error.what}; looking`);
    await stage(run);
  }
}

async function stage(run: Run): Promise<void> {
  const { journal, root, receive } = run;
  const isTried = !root && journal.document.doing?.effect === SKEL;
  if (!receive) throw new TypeError('no session as osctl-ct-receive');
  if (root ? await isStaged(run, root) : journal.document.target !== null) {
    await journal.save({ step: 'staged' });
    return;
  }
  const names = await noteDatasets(run);
  const archive = await skelArchive(
    journal.document,
    names.filter((name) => name !== ''),
  );
  const { pool } = journal.document.destination;
  const passphrase = run.options.passphrase;
  const { failed } = await journal.effect(
    SKEL,
    async () => {
      const result = await sendSkel({ host: receive, archive, pool, passphrase });
      const failure = failureOf(run, result, isTried);
      // The note in the journal stays as long as nobody knows what became of an earlier one.
      if (failure && (isTried || failure.code === 'OUTCOME_UNKNOWN')) throw failure;
      return { failed: failure, result };
    },
    ({ result }) => cameOf(run, result),
  );
  if (failed) throw failed;
  await noteWhere(run);
}

/** null: it is staged, and its token is ours. */
function failureOf(run: Run, { answer, token }: SkelAnswer, isTried: boolean): VzError | null {
  const where = run.receive?.label ?? '';
  if (token !== null) return null;
  switch (answer.kind) {
    case 'done':
      return unknownStage(run, 'the node answered with something that is no token');
    case 'unknown':
      return unknownStage(run, answer.what);
    case 'unsent':
      return answer.error;
    case 'usage':
      return unknownCommand(where);
    case 'refused': {
      const { code } = answer.error;
      // Perhaps it is the one whose answer was lost, and its key may be used once only.
      const isOwnPerhaps = isTried && (code === 'ID_TAKEN' || code === 'RECEIVE_KEY');
      return isOwnPerhaps ? unknownStage(run, answer.error.text) : receiveFailure(answer.error, where);
    }
  }
}

function cameOf({ journal }: Run, { token, protocol }: SkelAnswer): Parameters<Run['journal']['save']>[0] {
  if (token === null) return {};
  const { container, destination } = journal.document;
  const pool = destination.pool ?? POOL_OF_KEY;
  const dataset = `${pool}/ct/${container.id}`;
  return {
    step: 'staged',
    target: { id: container.id, pool, dataset, token, protocol, mountpoint: null, maps: null },
  };
}

/** Whether it is there with a token that we have. One without is removed. Throws VzError (78) for another container. */
async function isStaged(run: Run, root: Host): Promise<boolean> {
  const seen = await seeTarget(run, root);
  if (!seen) return false;
  if (!seen.isOurs) {
    throw new VzError('ID_TAKEN', {
      exit: EXIT.refused,
      where: root.label,
      what: `container ${seen.pool}:${seen.id} already exists, and is not of this migration`,
      hint: 'remove it there when it is not wanted: osctl ct del; or another id with vz-to-osctl --as-id',
    });
  }
  if (run.journal.document.target !== null && seen.state === 'staged') return true;
  run.io.log.info(
    `ct ${run.journal.document.ctid}: what an earlier run has staged is removed: its token was lost`,
  );
  await deleteTarget(run, root);
  return false;
}

/** Where it is, which the protocol does not tell, but root sees; once. Throws VzError (69, 75). */
export async function noteWhere(run: Run): Promise<void> {
  const { root, journal } = run;
  const { target } = journal.document;
  if (!root || target?.mountpoint !== null) return;
  const seen = await seeTarget(run, root);
  if (!seen?.isOurs) return;
  const dataset = seen.dataset ?? target.dataset;
  const mountpoint = await mountpointOf(root, dataset);
  await journal.save({ target: { ...target, pool: seen.pool, dataset, mountpoint } });
}

function unknownStage(run: Run, what: string): VzError {
  const { login } = run;
  const ct = targetWord(run);
  return new VzError('OUTCOME_UNKNOWN', {
    exit: EXIT.unknownOutcome,
    where: run.receive?.label,
    what: `whether it was staged is not known: ${what}`,
    hint: `look: ${login} osctl ct show ${ct}; if it is staged and its attribute vz2osctl:migration is ${run.journal.document.id}: ${login} osctl ct del ${ct}; then run it again`,
  });
}

/** Names the effect in the journal, where a later run finds it. */
export const SKEL = 'receive skel';
