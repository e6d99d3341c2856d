import { EXIT, VzError } from '../../errors.ts';
import { probeStaged } from '../../osctl/receive/staged.ts';
import type { Run } from '../run.ts';
import { stagedTarget } from './receive-end.ts';

/**
 * Whether the target is staged: it cannot start then, and nobody but us has the token that takes it over. Asked by a command of
 * the receive protocol, which waits for a transfer that is on its way. Throws VzError (69) when nobody answers.
 */
export async function isStagedStill(run: Run): Promise<boolean> {
  const { target, destination } = run.journal.document;
  if (destination.via !== 'receive' || !target?.token) return false;
  const staged = stagedTarget(run);
  const probed = await probeStaged(staged);
  if (probed !== null) return probed === 'staged';
  throw new VzError('NO_ANSWER', {
    exit: EXIT.unavailable,
    where: staged.host.label,
    what: 'does not say whether the container is staged still',
  });
}
