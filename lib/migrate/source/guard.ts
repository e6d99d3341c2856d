import { VzError } from '../../errors.ts';
import { letGuardGo, takeGuard } from '../../export/take-guard.ts';
import type { Guard, GuardOptions } from '../../guard/guard.ts';
import { probeNode } from '../../source/probe.ts';
import type { Run } from '../run.ts';

/**
 * Takes the container's guard, and with it vzctl's lock. It ends what a dead one has left, and may start the container for that.
 * `maxDowntimeMs` 0: no promise. Throws VzError: as `takeGuard`; 75 while the lock is held by somebody else.
 */
export async function takeRunGuard(
  run: Run,
  {
    maxDowntimeMs = 0,
    waitMs = run.options.waitMs,
  }: { readonly maxDowntimeMs?: number; readonly waitMs?: number } = {},
): Promise<Guard> {
  const options = { ...(await guardOptions(run)), maxDowntimeMs };
  // One that was not had has done nothing: the note goes.
  const taken = await run.journal.effect('take the guard', () =>
    takeGuard(run.streams.source, options, waitMs, run.io).catch((error: unknown) => {
      if (error instanceof VzError) return error;
      throw error;
    }),
  );
  if (taken instanceof VzError) throw taken;
  return taken;
}

/** Lets it go: it starts the container if it still has to. What is wrong with it is said. Throws VzError: as the journal. */
export async function letRunGuardGo(run: Run, guard: Guard): Promise<void> {
  const options = await guardOptions(run);
  let isGone = false;
  const letGo = (): Promise<void> => {
    isGone = true;
    return letGuardGo(guard, run.streams.source, options, run.io);
  };
  try {
    await run.journal.effect('let the guard go', letGo);
  } finally {
    // A journal that cannot be written must not keep the container down.
    if (!isGone) await letGo();
  }
}

/** Waits for the guard of a run that has died, and does what that has left. Throws VzError: as `takeRunGuard`. */
export async function settleGuard(run: Run): Promise<void> {
  await letRunGuardGo(run, await takeRunGuard(run, { waitMs: patienceMs(run) }));
}

/** For the guard of a run that has died, which gives the lock back by itself, and ours must not give up before. */
export function patienceMs({ options }: Run): number {
  return Math.max(options.waitMs, LEAST_WAIT_MS);
}

async function guardOptions(run: Run): Promise<GuardOptions> {
  const { ctid, container } = run.journal.document;
  const node = container.source.facts?.node ?? (await probeNode(run.source, run.io.signal));
  return { ctid, lockDir: node.lockDir, limitSeconds: run.options.guardSeconds, maxDowntimeMs: 0 };
}

const LEAST_WAIT_MS = 60_000;
