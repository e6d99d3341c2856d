import { formatDuration } from '../../cli/units.ts';
import type { MigrationStep } from '../../documents/vz-migration.ts';
import { EXIT, toError, VzError } from '../../errors.ts';
import type { Guard } from '../../guard/guard.ts';
import { downtimeMs } from '../describe.ts';
import { readDrift } from '../drift.ts';
import { checkHooks, runHook } from '../hooks.ts';
import type { Run } from '../run.ts';
import { uninterrupted } from '../run.ts';
import { giveBack, tryGiveBack } from '../source/give-back.ts';
import { letRunGuardGo } from '../source/guard.ts';
import { giveDevices } from '../transfer/follow-ups.ts';
import { goBack } from '../transfer/go-back.ts';
import { resume } from '../transfer/resume.ts';
import { warmUp } from '../transfer/settle.ts';
import type { Stopped } from '../transfer/stop.ts';
import { stopAndSend, takeSource } from '../transfer/stop.ts';
import { type Switching, sealSource, switchOver } from '../transfer/switch.ts';
import { isUntouched, NO_TIMES } from '../transfer/times.ts';
import { requireStarter } from './stage.ts';
import type { StepOptions } from './step.ts';
import { readyForData } from './sync.ts';

/**
 * Moves the container: all that can be done while it runs, then stop, last pass, the point of no return, start on the
 * target. Before that point every failure has the source running again; behind it a proved failure of the target goes back
 * by itself, and what nobody can prove ends with 76 and both sides left alone. Can be run again after any end.
 */
export async function transfer(run: Run, options: StepOptions): Promise<void> {
  const { ctid, step } = run.journal.document;
  const { hooksDir } = options;
  if (step === 'transferred') {
    run.io.log.info(`ct ${ctid}: has moved already`);
    return;
  }
  try {
    await checkHooks(hooksDir);
    const left = step === 'switching' ? await goOn(run, options) : await leaveSource(run, options);
    await arrive(
      uninterrupted(run),
      { ...options, isAgain: left === 'target' },
      left === 'target' ? null : left,
    );
  } catch (error) {
    // Whoever does not know looks first, and is told how.
    const isUnknown = error instanceof VzError && error.exit === EXIT.unknownOutcome;
    const next = NEXT[run.journal.document.step];
    if (next !== undefined && !isUnknown)
      run.io.log.error(`ct ${ctid}: may run on neither node now: ${next}`);
    throw error;
  }
}

/** From where a run has died: what `leave` gives, or nothing is left but the target, perhaps for the second time. */
async function goOn(run: Run, options: StepOptions): Promise<Guard | 'target'> {
  const resumed = await resume(run);
  if (resumed.left === 'anew') return leaveSource(run, options);
  if (resumed.left === 'arrive') return 'target';
  return leave(run, options.hooksDir, async () => resumed.stopped);
}

/** Up to the point of no return, and over it. */
async function leaveSource(run: Run, options: StepOptions): Promise<Guard> {
  const { hooksDir, maxDowntimeMs } = options;
  await readyForData(run, 'transfer');
  requireStarter(run);
  await refuseDrift(run, options);
  const predictedMs = await warmUp(run, maxDowntimeMs);
  await giveDevices(run);
  await run.journal.save({ transfer: { ...NO_TIMES, predictedMs }, guestFix: undefined });
  await runHook(run, hooksDir, 'before-stop');
  return leave(run, hooksDir, () => takeSource(run, maxDowntimeMs ?? 0));
}

/**
 * Stop and last pass, and over the point of no return. What fails gives the source back. Returns the guard, which has nothing
 * to do any more.
 */
async function leave(run: Run, hooksDir: string | undefined, take: () => Promise<Stopped>): Promise<Guard> {
  let stopped: Stopped | undefined;
  try {
    stopped = await take();
    await cross(run, stopped);
  } catch (error) {
    // Nothing was done to the target yet. What was interrupted is put right without interruption.
    const calm = uninterrupted(run);
    if (stopped) {
      await letRunGuardGo(calm, stopped.guard);
      await tryGiveBack(calm);
    }
    await runHook(calm, hooksDir, 'returned').catch((failed: unknown) =>
      run.io.log.error(toError(failed).message),
    );
    throw error;
  }
  return stopped.guard;
}

/** What is heard of the guard ends the run, until the guard has answered that it will do nothing more. */
async function cross(run: Run, stopped: Stopped): Promise<void> {
  const { ctid } = run.journal.document;
  const { guard } = stopped;
  const onLost = (): void => run.io.abort(guard.lost.reason);
  guard.lost.addEventListener('abort', onLost);
  try {
    await stopAndSend(run, stopped);
    // Whoever goes on from here looks whether the guard was told.
    const { source } = run.journal.document;
    await run.journal.save({
      step: 'switching',
      source: { ...source, disabled: source.disabled ?? stopped.disabled },
    });
    const isOurs = await run.journal.effect('disarm the guard', () => guard.disarm());
    if (!isOurs) throw guardActed(ctid, guard.lost.reason);
  } finally {
    guard.lost.removeEventListener('abort', onLost);
  }
  await sealSource(run, { guarded: guard.vanished === undefined, disabled: stopped.disabled });
}

/**
 * The source is down for good; the target has to run, or the source again. What the guard takes to end is no downtime: nobody
 * waits for it before vzctl's lock is needed.
 */
async function arrive(run: Run, switching: Switching, guard: Guard | null): Promise<void> {
  const { ctid } = run.journal.document;
  const { hooksDir } = switching;
  const released = guard?.release();
  try {
    await switchOver(run, switching);
    await released;
  } catch (error) {
    await released;
    // Whoever cannot tell, touches nothing.
    const isProved = error instanceof VzError && PROVED.has(error.code);
    // What was not taken over, or is staged again, cannot start, and need not be asked.
    const cannotStart = isUntouched(run.journal.document);
    if (!isProved || !(run.root || cannotStart)) throw error;
    run.io.log.error(error.line);
    run.io.log.info(`ct ${ctid}: going back to the source`);
    if (cannotStart) await giveBackAtOnce(run, hooksDir);
    else await goBack(run, hooksDir);
    throw new VzError('WENT_BACK', {
      exit: error.code === 'NOT_REACHED' ? EXIT.tempFail : EXIT.unavailable,
      where: `ct ${ctid}`,
      what: `did not come up on the new node, and runs on the old one again: ${error.what}`,
      hint: error.hint,
      cause: error,
    });
  }
  await run.journal.save({ step: 'transferred' });
  const downMs = downtimeMs(run.journal.document);
  const text = downMs === null ? '' : `; it was down for ${formatDuration(downMs)}`;
  run.io.log.info(`ct ${ctid}: has moved${text}`);
}

async function giveBackAtOnce(run: Run, hooksDir: string | undefined): Promise<void> {
  // First: a run that goes on from here must not go to the target.
  await run.journal.save({ step: 'stopping' });
  await giveBack(run);
  await run.journal.save({ step: 'synced' });
  await runHook(run, hooksDir, 'returned');
}

async function refuseDrift(run: Run, { acceptDrift }: StepOptions): Promise<void> {
  const drift = await readDrift(run);
  if (drift.length === 0) return;
  const { ctid } = run.journal.document;
  for (const line of drift) run.io.log.warning(`ct ${ctid}: since stage: ${line}`);
  if (acceptDrift) return;
  throw new VzError('DRIFT', {
    exit: EXIT.refused,
    where: `ct ${ctid}`,
    what: `its config has changed since stage: ${drift.join('; ')}`,
    hint: 'cancel and stage anew, or move it with the old settings: --accept-drift',
  });
}

function guardActed(ctid: string, reason: unknown): VzError {
  if (reason instanceof VzError) return reason;
  return new VzError('GUARD_FIRED', {
    exit: EXIT.io,
    where: `ct ${ctid}`,
    what: 'was started again by its guard',
    hint: 'run it again',
  });
}

/** What ends a state in which it is down. */
const NEXT: Partial<Record<MigrationStep, string>> = {
  switching: 'run transfer again, or rollback',
  returning: 'run rollback',
};
/** Failures after which the target is known not to run, or not to do its work. */
const PROVED = new Set([
  'START_FAILED',
  'HOOK_FAILED',
  'BAD_HOOK',
  'COMMIT_FAILED',
  'TARGET_FAILED',
  'NOT_REACHED',
]);
