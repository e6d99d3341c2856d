import { EXIT, VzError } from '../../errors.ts';
import { requireUnchanged } from '../../export/take-guard.ts';
import { readUsableStatus } from '../../export/usable-status.ts';
import type { Guard } from '../../guard/guard.ts';
import type { Run } from '../run.ts';
import { type BootSettings, readBoot, setBoot } from '../source/boot.ts';
import { letRunGuardGo, takeRunGuard } from '../source/guard.ts';
import { wayOf } from '../ways.ts';
import { NO_TIMES, noteTime } from './times.ts';

export interface Stopped {
  readonly guard: Guard;
  readonly wasRunning: boolean;
  /** DISABLED in its config, which nobody changes while the guard holds vzctl's lock. */
  readonly disabled: BootSettings['disabled'];
}

/**
 * Takes the guard, and with it vzctl's lock, and notes how the source is. Throws VzError: 75 locked, or in another state
 * than a moment ago; 78 suspended.
 */
export async function takeSource(run: Run, maxDowntimeMs: number): Promise<Stopped> {
  const { ctid, source } = run.journal.document;
  const { running: wasRunning } = await readUsableStatus(run.source, ctid, run.io.signal);
  const boot = await readBoot(run, wasRunning);
  const guard = await takeRunGuard(run, { maxDowntimeMs });
  try {
    if (guard.recovered) {
      throw new VzError('RECOVERED', {
        exit: EXIT.tempFail,
        where: `ct ${ctid}`,
        what: 'a dead run had left it stopped; it was started again',
        hint: 'run it again',
      });
    }
    await requireUnchanged(run.source, ctid, wasRunning, run.io.signal);
    await run.journal.save({
      step: 'stopping',
      source: { ...source, wasRunning, onboot: source.onboot ?? boot.onboot },
      transfer: { ...NO_TIMES, predictedMs: run.journal.document.transfer?.predictedMs ?? null },
    });
  } catch (error) {
    await letRunGuardGo(run, guard);
    throw error;
  }
  return { guard, wasRunning, disabled: boot.disabled };
}

/**
 * Stops the container for good, as far as the guard lets it, and sends the rest. It cannot start by itself any more,
 * should the node's power fail now. Throws VzError: see Guard and the way.
 */
export async function stopAndSend(run: Run, { guard, wasRunning }: Stopped): Promise<void> {
  const { ctid } = run.journal.document;
  const lastPass = await wayOf(run.journal.document).prepareLast(run);
  await setBoot(run, { onboot: 'no' }, { guarded: true });
  run.io.signal.throwIfAborted();
  // Of a run that has died, the time when it went down counts.
  if (!run.journal.document.transfer?.stoppedAt) await noteTime(run, 'stoppedAt');
  if (wasRunning) {
    run.io.log.info(`ct ${ctid}: stopping`);
    await run.journal.effect('vzctl stop', () => guard.stop(lastPass.stop));
  }
  run.io.signal.throwIfAborted();
  await lastPass.send(guard);
  run.io.signal.throwIfAborted();
}
