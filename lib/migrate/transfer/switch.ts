import type { StatusFacts } from '../../documents/facts.ts';
import { EXIT, VzError } from '../../errors.ts';
import { fixByHand } from '../../guest/tell.ts';
import type { Host } from '../../host/host.ts';
import { readStatus } from '../../source/status.ts';
import { runHook } from '../hooks.ts';
import { orWarn, type Run } from '../run.ts';
import { type BootSettings, readBoot, setBoot, vzctl } from '../source/boot.ts';
import type { StepOptions } from '../steps/step.ts';
import { lookFirst } from '../target/look.ts';
import { setAutostart, startTarget, stopTarget } from '../target/node.ts';
import { ourTarget, targetWord } from '../target/shown.ts';
import { makeSwitchSnapshot } from '../target/switch-snapshot.ts';
import { wayOf } from '../ways.ts';
import { transferAndStart } from '../zfs/receive-commit.ts';
import { followUp, giveLateDevices } from './follow-ups.ts';
import { fixGuest } from './guest-fix.ts';
import { noteTime } from './times.ts';

/**
 * What is done at once behind the point of no return: nobody can start the source by mistake. `disabled` is how it is now.
 * `guarded`: our guard holds vzctl's lock, so that nobody starts it meanwhile. Throws VzError: 78 when somebody has started it
 * since it was stopped, and as `setBoot`.
 */
export async function sealSource(
  run: Run,
  { guarded, disabled }: { readonly guarded: boolean } & Pick<BootSettings, 'disabled'>,
): Promise<void> {
  const looked = guarded ? requireDown(run) : null;
  looked?.catch(() => {});
  if (disabled !== 'yes') await setBoot(run, { disabled: 'yes' }, { guarded });
  await unmount(run, await (looked ?? requireDown(run)), guarded);
}

/**
 * The same for a run that goes on behind what an earlier one has done to the target, and cannot send anything any more. Throws
 * VzError: 78 when the source runs, or somebody has let it start since.
 */
export async function requireSealed(run: Run): Promise<void> {
  const { ctid } = run.journal.document;
  await unmount(run, await requireDown(run), true);
  if ((await readBoot(run, false)).disabled === 'yes') return;
  throw new VzError('SOURCE_CHANGED', {
    exit: EXIT.refused,
    where: `ct ${ctid}`,
    what: 'is not disabled on the old node any more: what it has written there since is not on the new one',
    hint: `rollback keeps it; when it has not run there since: vzctl set ${ctid} --disabled yes --save, and transfer again`,
  });
}

/** A ploop image was kept mounted for the last pass. */
async function unmount(run: Run, { mounted }: StatusFacts, guarded: boolean): Promise<void> {
  const { ctid } = run.journal.document;
  if (mounted) await orWarn(run, () => vzctl(run, ['umount', ctid], { guarded }));
}

/** Throws VzError (78) when the source runs, whoever has started it: the target must not. */
export async function requireDown(run: Run): Promise<StatusFacts> {
  const { ctid } = run.journal.document;
  const status = await readStatus(run.source, ctid);
  if (!status.running) return status;
  throw new VzError('SOURCE_RUNS', {
    exit: EXIT.refused,
    where: `ct ${ctid}`,
    what: 'runs on the old node again, so it is not started on the new one',
    hint: 'look at who has started it; rollback ends the transfer, and keeps what it has written since',
  });
}

/**
 * Makes the target run, where it was running before. `isAgain`: a run that has died may have done some of it, and each part is
 * looked at first. Throws VzError: 76 nobody knows; all else is a proved failure, after which the source may be given back.
 */
export async function switchOver(run: Run, { hooksDir, guestFix, isAgain }: Switching): Promise<void> {
  const { root } = run;
  if (!root) {
    if (guestFix) sayHowToFix(run);
    return switchWithoutRoot(run, hooksDir);
  }
  // Only a container that was committed is made ready.
  const fixing = run.journal.document.guestFix;
  if (fixing === 'running') await stopTarget(run, root);
  const wasCommitted =
    fixing !== undefined || (isAgain && (await lookFirst(run, () => isCommitted(run, root))));
  if (!wasCommitted) await wayOf(run.journal.document).commit(run);
  await runHook(run, hooksDir, 'switched');
  if (!wasCommitted || fixing === 'running') await fixGuest(run, root, guestFix);
  await run.journal.effect('zfs snapshot of the target, devices', () =>
    Promise.all([orWarn(run, () => makeSwitchSnapshot(run, root)), giveLateDevices(run, root)]),
  );
  await noteTime(run, 'startingAt');
  if (run.journal.document.source.wasRunning && run.journal.document.destination.start === 'auto') {
    await noteTime(run, 'runningAt', await startTarget(run, root));
  } else sayHowToStart(run);
  await followUp(run, root);
  await orWarn(run, () => setAutostart(run, root, true));
  await runHook(run, hooksDir, 'started');
}

export interface Switching extends Pick<StepOptions, 'hooksDir' | 'guestFix'> {
  readonly isAgain: boolean;
}

/** A target that runs, or is about to, was committed by a run that died. */
async function isCommitted(run: Run, root: Host): Promise<boolean> {
  const state = (await ourTarget(run, root))?.state;
  return state !== undefined && state !== 'stopped' && state !== 'staged';
}

/** The second generation of the receive protocol starts it, and says truly how that went; with the first a person does. */
async function switchWithoutRoot(run: Run, hooksDir: string | undefined): Promise<void> {
  const { source, destination, target } = run.journal.document;
  const starts = source.wasRunning === true && destination.start === 'auto' && target?.protocol === 2;
  if (!starts) {
    await wayOf(run.journal.document).commit(run);
    await runHook(run, hooksDir, 'switched');
    await noteTime(run, 'startingAt');
    return sayHowToStart(run);
  }
  await runHook(run, hooksDir, 'switched');
  await noteTime(run, 'startingAt');
  await transferAndStart(run);
  await noteTime(run, 'runningAt');
  await runHook(run, hooksDir, 'started');
}

/** Only a root session can run something in the guest. */
function sayHowToFix(run: Run): void {
  const { ctid } = run.journal.document;
  const line = fixByHand(run.login, targetWord(run));
  run.io.log.info(
    `ct ${ctid}: nothing is changed in the guest; where it needs that, before its start: ${line}`,
  );
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
