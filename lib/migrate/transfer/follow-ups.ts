import type { VzMigration } from '../../documents/documents.ts';
import type { FollowUp } from '../../documents/follow-up.ts';
import type { Host } from '../../host/host.ts';
import { applyFollowUps, planFollowUps } from '../../osctl/follow-ups.ts';
import { orWarn, type Run } from '../run.ts';
import { targetWord } from '../target/shown.ts';

/**
 * The devices, where they can be given while the source still runs: osctld changes nothing of a container that is received and
 * not taken over yet. What fails is said; one that is missing keeps nobody from starting it. Throws VzError: as the journal.
 */
export async function giveDevices(run: Run): Promise<void> {
  const { root, journal } = run;
  const { document } = journal;
  if (!root || !hasDevicesEarly(document) || !document.container.followUps.some(isDevice)) return;
  await journal.effect('osctl ct devices add', () => orWarn(run, () => apply(run, root, isDevice)));
}

/** The devices that `giveDevices` could not, before it starts. What fails is said, with the command. */
export async function giveLateDevices(run: Run, root: Host): Promise<void> {
  if (!hasDevicesEarly(run.journal.document)) await orWarn(run, () => apply(run, root, isDevice));
}

/** All else, when it runs: it can do without for a moment. What fails is said, with the command. */
export async function followUp(run: Run, root: Host): Promise<void> {
  if (run.journal.document.container.followUps.every(isDevice)) return;
  await run.journal.effect('zfs set refquota', () =>
    orWarn(run, () => apply(run, root, (one) => !isDevice(one))),
  );
}

async function apply(run: Run, root: Host, isWanted: (one: FollowUp) => boolean): Promise<void> {
  const { container, target } = run.journal.document;
  if (!target) return;
  const imported = { ct: targetWord(run), dataset: target.dataset };
  const steps = planFollowUps(container.followUps.filter(isWanted), imported, root.label);
  for (const { error } of await applyFollowUps(root, steps, imported)) {
    if (error) run.io.log.warning(error.line);
  }
}

/** Whether `giveDevices` gives them. Pure. */
export function hasDevicesEarly({ destination }: VzMigration): boolean {
  return destination.via === 'root' && destination.rootSession;
}

export function isDevice(followUp: FollowUp): boolean {
  return followUp.do === 'device';
}
