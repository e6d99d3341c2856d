import { formatDuration } from '../../cli/units.ts';
import type { FollowUp } from '../../documents/follow-up.ts';
import { quoteArgv } from '../../host/quote.ts';
import { planFollowUps } from '../../osctl/follow-ups.ts';
import { nounOf } from '../describe.ts';
import { rootLogin } from '../hosts.ts';
import { requireDataStep } from '../steps/sync.ts';
import { switchSnapshot } from '../target/switch-snapshot.ts';
import { hasDevicesEarly, isDevice } from '../transfer/follow-ups.ts';
import { ROUNDS } from '../transfer/settle.ts';
import { isUntouched, mayHaveStarted } from '../transfer/times.ts';
import type { Draft } from './draft.ts';
import { expectedDowntime } from './expect.ts';
import { isPloop } from './files.ts';
import { hook, recover } from './source.ts';
import { planOf } from './ways.ts';

/** Moves the container. */
export function transferPlan(draft: Draft): void {
  const { step } = draft.document;
  if (step === 'transferred') {
    draft.note('it has moved already');
    return;
  }
  if (step === 'switching') goOn(draft);
  else leaveSource(draft);
  arrive(draft);
}

/** A pass, and the step that follows from it. */
export function onePass(draft: Draft): void {
  const { step, ctid } = draft.document;
  if (step === 'returned') draft.target(`zfs destroy -r ${draft.names.dataset}@${switchSnapshot(ctid)}`);
  planOf(draft.document).pass(draft, { last: false });
  draft.change({ step: 'synced' });
}

function leaveSource(draft: Draft): void {
  requireDataStep(draft.document, 'transfer');
  recover(draft);
  const { ctid } = draft.document;
  const { maxDowntimeMs, acceptDrift } = draft.options;
  draft.note(
    acceptDrift
      ? 'when its config has changed since stage, it moves with the old settings'
      : 'not when its config has changed since stage',
  );
  onePass(draft);
  if (maxDowntimeMs !== undefined) {
    const limit = formatDuration(maxDowntimeMs);
    draft.note(
      `such a pass is repeated, ${ROUNDS} times at most, until it would be down for ${limit} at most; else all ends here`,
    );
  }
  if (hasDevicesEarly(draft.document)) followUp(draft, isDevice);
  hook(draft, 'before-stop');
  draft.note(
    "a guard on its node holds vzctl's lock from here on. When this machine, the link or any command fails,",
  );
  draft.note(
    `${maxDowntimeMs === undefined ? '' : 'or the time is up, '}it starts the container again: by hand, that is yours to do`,
  );
  draft.source('vzctl', 'set', ctid, '--onboot', 'no', '--save');
  draft.note(`it is down from here on, ${expectedDowntime(draft.document)}`);
  if (wasRunning(draft)) draft.source('vzctl', 'stop', ctid, ...(isPloop(draft) ? ['--skip-umount'] : []));
  cross(draft);
}

/** Behind a run that has died. */
function goOn(draft: Draft): void {
  const { document } = draft;
  draft.note('a new guard waits for the end of the old one; when that has started it again, all begins anew');
  if (!isUntouched(document)) {
    if (mayHaveStarted(document) || document.destination.via === 'receive') {
      draft.note('not when it is not disabled there any more: then it may have written since');
      return;
    }
    planOf(document).withhold(draft);
    draft.target(`zfs destroy -r ${draft.names.dataset}@${switchSnapshot(document.ctid)}`);
  }
  draft.note('it may have been started and stopped since: what has changed is sent once more');
  draft.source('vzctl', 'set', document.ctid, '--onboot', 'no', '--save');
  cross(draft);
}

/** The last pass, and that nobody starts the source by mistake. */
function cross(draft: Draft): void {
  const { ctid } = draft.document;
  planOf(draft.document).pass(draft, { last: true });
  draft.note('the guard is told to do nothing more: the point of no return');
  draft.change({ step: 'switching' });
  draft.source('vzctl', 'set', ctid, '--disabled', 'yes', '--save');
  if (isPloop(draft)) draft.source('vzctl', 'umount', ctid);
  draft.note("meanwhile the guard gives vzctl's lock back");
}

function arrive(draft: Draft): void {
  const { destination, ctid, container } = draft.document;
  planOf(draft.document).commit(draft);
  hook(draft, 'switched');
  if (!destination.rootSession) {
    sayHowToStart(draft);
    return;
  }
  const { dataset, ct } = draft.names;
  fixGuest(draft);
  draft.target(`zfs snapshot -r ${dataset}@${switchSnapshot(ctid)}`);
  if (!hasDevicesEarly(draft.document)) followUp(draft, isDevice);
  if (wasRunning(draft) && destination.start === 'auto') {
    draft.note('when it is proved that it does not start: all of rollback, at once');
    draft.target(`osctl -q ct start ${ct}`);
  } else sayHowToStart(draft);
  followUp(draft, (one) => !isDevice(one));
  const { autostart } = container.config;
  if (autostart) {
    const flags = ['-p', String(autostart.priority), '-d', String(autostart.delay)];
    draft.target(`osctl -q ct set autostart ${quoteArgv(flags)} ${ct}`);
  }
  hook(draft, 'started');
  draft.change({ step: 'transferred' });
}

/** The document that says which fixes they are is in the state directory. */
function fixGuest(draft: Draft): void {
  const { guestFix, stateDir } = draft.options;
  if (!guestFix) return;
  draft.note('in the guest, before it starts; one that fails is said, and the rest goes on');
  const status = ['vz-migrate-step', 'status', ...(stateDir === undefined ? [] : ['--state-dir', stateDir])];
  const fix = ['vz-guest-fix', ...(guestFix.only === null ? [] : ['--only', guestFix.only.join(',')])];
  const words = [quoteArgv([...status, nounOf(draft.document)]), 'jq -c .container', quoteArgv(fix)];
  draft.line(`${words.join(' | ')} | ${draft.intoTarget(`osctl -q ct runscript -r ${draft.names.ct} -`)}`);
}

function followUp(draft: Draft, isWanted: (one: FollowUp) => boolean): void {
  const { container, target } = draft.document;
  const wanted = container.followUps.filter(isWanted);
  if (target) {
    const imported = { ct: `${target.pool}:${target.id}`, dataset: target.dataset };
    for (const { argv } of planFollowUps(wanted, imported, 'the plan')) draft.target(quoteArgv(argv));
  } else if (wanted.length > 0) draft.note('its quota and devices, where stage has made it');
}

function sayHowToStart(draft: Draft): void {
  const { destination } = draft.document;
  const ct = draft.names.ct;
  const when = wasRunning(draft) ? 'DOWN until you start it' : 'it was down, and stays so; to start it';
  draft.note(`${when}: ${rootLogin(destination)} osctl ct start ${ct}`);
}

/** As it was last seen. */
function wasRunning({ document }: Draft): boolean {
  return document.source.wasRunning ?? document.container.source.facts?.status?.running ?? true;
}
