import { VzError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { applyFollowUps, planFollowUps } from '../../osctl/follow-ups.ts';
import { readStatus } from '../../source/status.ts';
import { runHook } from '../hooks.ts';
import type { Run } from '../run.ts';
import { readBoot, setBoot, vzctl } from '../source/boot.ts';
import { setAutostart, startTarget } from '../target/node.ts';
import { ourTarget, targetWord } from '../target/shown.ts';
import { makeSwitchSnapshot } from '../target/switch-snapshot.ts';
import { wayOf } from '../ways.ts';
import { noteTime } from './stop.ts';

/** What is done at once behind the point of no return: nobody can start the source by mistake. `guarded`: as `setBoot`. */
export async function sealSource(run: Run, { guarded }: { readonly guarded: boolean }): Promise<void> {
  const { ctid, source } = run.journal.document;
  if (source.disabled === null) {
    const { disabled } = await readBoot(run, false);
    await run.journal.save({ source: { ...source, disabled } });
  }
  await setBoot(run, { disabled: 'yes' }, { guarded });
  // A ploop image was kept mounted for the last pass.
  if ((await readStatus(run.source, ctid)).mounted) {
    await vzctl(run, ['umount', ctid], { guarded }).catch((error: unknown) => {
      if (!(error instanceof VzError)) throw error;
      run.io.log.warning(error.line);
    });
  }
}

/**
 * Makes the target run, where it was running before. Each part is looked at first, so it can be called again. Throws VzError:
 * 76 nobody knows; all else is a proved failure, after which the source may be given back.
 */
export async function switchOver(run: Run, hooksDir: string | undefined): Promise<void> {
  const { root } = run;
  if (!(await isCommitted(run, root))) await wayOf(run.journal.document).commit(run);
  await runHook(run, hooksDir, 'switched');
  if (!root) return sayHowToStart(run);
  await makeSwitchSnapshot(run, root);
  await followUp(run, root);
  if (run.journal.document.source.wasRunning && run.journal.document.destination.start === 'auto') {
    await startTarget(run, root);
    await noteTime(run, 'runningAt');
  } else sayHowToStart(run);
  await setAutostart(run, root, true);
  await runHook(run, hooksDir, 'started');
}

/** A target that runs was committed by a run that died. */
async function isCommitted(run: Run, root: Host | null): Promise<boolean> {
  return root !== null && (await ourTarget(run, root))?.state === 'running';
}

/** A quota or device that is missing keeps nobody from starting it: said, with the command. */
async function followUp(run: Run, root: Host): Promise<void> {
  const { container, target } = run.journal.document;
  if (!target) return;
  const imported = { ct: targetWord(run), dataset: target.dataset };
  const steps = planFollowUps(container.followUps, imported, root.label);
  for (const { error } of await applyFollowUps(root, steps, imported)) {
    if (error) run.io.log.warning(error.line);
  }
}

function sayHowToStart(run: Run): void {
  const { ctid, source } = run.journal.document;
  const line = `${run.login} osctl ct start ${targetWord(run)}`;
  run.io.log.info(
    source.wasRunning
      ? `ct ${ctid}: has moved, and is DOWN until you start it: ${line}`
      : `ct ${ctid}: has moved; it was down, and stays so. To start it: ${line}`,
  );
}
