import { EXIT, VzError } from '../../errors.ts';
import { nounOf } from '../describe.ts';
import type { Run } from '../run.ts';
import { mayHaveStarted } from '../transfer/times.ts';
import { targetWord } from './shown.ts';

/** The commands that find out how things are, for people. */
export function lookCommands(run: Run): string {
  const { ctid, container } = run.journal.document;
  const there = `${run.login} osctl ct show ${targetWord(run)}`;
  const here = `vzctl status ${ctid}`;
  const source = container.source.host === null ? here : `on ${run.source.label}: ${here}`;
  return `${there}; ${source}; vz-migrate-step status ${nounOf(run.journal.document)}`;
}

/**
 * What `look` gives, which is the first thing that a run does behind the point of no return. Where a node cannot be asked (69),
 * throws VzError: 76 when the target may have been started before, and nobody has seen it run; 75 when it has not been, or was
 * seen to run.
 */
export async function lookFirst<T>(run: Run, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof VzError) || error.exit !== EXIT.unavailable) throw error;
    const { document } = run.journal;
    const where = `ct ${document.ctid}`;
    if (mayHaveStarted(document) && document.step !== 'transferred') {
      throw new VzError('OUTCOME_UNKNOWN', {
        exit: EXIT.unknownOutcome,
        where,
        what: `nobody knows whether it runs on the new node: ${error.message}`,
        hint: `neither side is touched; look first: ${lookCommands(run)}`,
        cause: error,
      });
    }
    throw notAsked(
      where,
      document.step === 'transferred' ? NOTHING : 'was not started on the new node',
      error,
    );
  }
}

/** The same of the source, before the target is taken back for it. Throws VzError (75) where its node cannot be asked. */
export async function lookBefore<T>({ journal }: Run, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof VzError) || error.exit !== EXIT.unavailable) throw error;
    throw notAsked(`ct ${journal.document.ctid}`, NOTHING, error);
  }
}

function notAsked(where: string, known: string, cause: VzError): VzError {
  return new VzError('NOT_ASKED', {
    exit: EXIT.tempFail,
    where,
    what: `${known}: ${cause.message}`,
    hint: 'run it again',
    cause,
  });
}

const NOTHING = 'nothing was done';
