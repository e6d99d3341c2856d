import type { Host } from '../../host/host.ts';
import { run as runOn } from '../../host/run.ts';
import type { Run } from '../run.ts';
import { MIGRATION_ATTRIBUTE, osctlFailure, seeTarget, targetWord } from './shown-target.ts';
import { removeTargetSnapshots } from './target-snapshots.ts';

/** What root removes from a target that has moved: our snapshots and the attribute. Can be repeated. Throws VzError (69). */
export async function finishTarget(run: Run, root: Host): Promise<void> {
  await removeTargetSnapshots(run, root);
  if (!(await seeTarget(run, root))?.isOurs) return;
  const argv = ['osctl', '-q', 'ct', 'unset', 'attr', targetWord(run), MIGRATION_ATTRIBUTE];
  const result = await run.journal.effect('osctl ct unset attr', () => runOn(root, argv));
  if (result.code !== 0) throw osctlFailure(root, 'ct unset attr', result);
}
