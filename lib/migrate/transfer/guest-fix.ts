import { applyFixes } from '../../guest/apply.ts';
import type { Selection } from '../../guest/select.ts';
import { selectFixes } from '../../guest/select.ts';
import { fixByHand, tellFixes } from '../../guest/tell.ts';
import type { Host } from '../../host/host.ts';
import type { Run } from '../run.ts';
import { stopTarget } from '../target/node.ts';
import { targetWord } from '../target/shown.ts';

/**
 * Makes the guest ready, in the container that was committed and does not run yet: one round trip of its downtime. What fails in
 * there is said, and the container starts all the same. Throws VzError (69, 76) when nobody can tell that the script has ended.
 */
export async function fixGuest(run: Run, root: Host, selection: Selection | null): Promise<void> {
  const { container, guestFix } = run.journal.document;
  if (!selection) {
    if (guestFix === 'running') await run.journal.save({ guestFix: 'done' });
    return;
  }
  const ct = targetWord(run);
  const selected = selectFixes(container.config.distribution, selection);
  await run.journal.save({ guestFix: 'running' });
  const report = await run.journal.effect(
    EFFECT,
    () => applyFixes(root, ct, selected),
    ({ lost }) => (lost ? {} : { guestFix: 'done' }),
  );
  tellFixes(run.io.log, `${root.label}: ${ct}`, report, fixByHand(run.login, ct));
  if (!report.lost) return;
  // A container in which the script still runs would pass for one that was started.
  await stopTarget(run, root);
  await run.journal.save({ guestFix: 'done' });
}

const EFFECT = 'osctl ct runscript';
