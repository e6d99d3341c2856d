import { EXIT, VzError } from '../../errors.ts';
import type { Run } from '../run.ts';
import { lookFirst } from '../target/look.ts';
import { noteTime } from './times.ts';

/**
 * Makes of the target a container that can be started, with a note before; `isAgain`: an earlier run had noted it, and may have
 * done it. Throws VzError: 75 (NOT_REACHED) when the node was not reached and so nothing was done; then as `lookFirst` where an
 * earlier run may have done it; and as `act`.
 */
export async function commitNoted(run: Run, act: (isAgain: boolean) => Promise<void>): Promise<void> {
  const isAgain = run.journal.document.transfer?.committingAt != null;
  if (!isAgain) await noteTime(run, 'committingAt');
  try {
    await act(isAgain);
  } catch (error) {
    if (!(error instanceof VzError) || error.code !== 'NOT_CONNECTED') throw error;
    if (isAgain) return lookFirst(run, () => Promise.reject(error));
    await noteTime(run, 'committingAt', null);
    throw new VzError('NOT_REACHED', {
      exit: EXIT.tempFail,
      where: error.where,
      what: `nothing was done on the new node: ${error.what}`,
      hint: 'run it again',
      cause: error,
    });
  }
}
