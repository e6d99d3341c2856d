import { quoteArgv, quoteForShell } from '../../host/quote.ts';
import { nounOf } from '../describe.ts';
import type { HookName } from '../hooks.ts';
import type { Draft } from './draft.ts';

/** The source as it was before the transfer. */
export function giveBack(draft: Draft): void {
  const { ctid, source } = draft.document;
  const { onboot, disabled, wasRunning } = source;
  if (disabled !== null) draft.source('vzctl', 'set', ctid, '--disabled', disabled, '--save');
  if (wasRunning === true) draft.source('vzctl', 'start', ctid, ...(disabled === 'yes' ? ['--force'] : []));
  if (onboot !== null) draft.source('vzctl', 'set', ctid, '--onboot', onboot, '--save');
  draft.change({ source: { ...source, onboot: null, disabled: null } });
}

/** What a dead run has left of a transfer. */
export function recover(draft: Draft): void {
  if (draft.document.step !== 'stopping') return;
  draft.note(
    'a new guard ends what is left of the old one, of a transfer that was broken off, and starts it if it is down',
  );
  draft.note("the guard gives vzctl's lock back");
  giveBack(draft);
  draft.change({ step: draft.document.sync.passes.length === 0 ? 'staged' : 'synced' });
}

/** A hook, where there is one. */
export function hook(draft: Draft, name: HookName): void {
  const { hooksDir, stateDir } = draft.options;
  if (hooksDir === undefined) return;
  const { ctid } = draft.document;
  const path = quoteForShell(`${hooksDir}/${name}`);
  const directory = stateDir === undefined ? [] : ['--state-dir', stateDir];
  const status = quoteArgv(['vz-migrate-step', 'status', nounOf(draft.document), ...directory]);
  draft.line(`test ! -x ${path} || ${status} | env VZ2OSCTL_STEP=${name} VZ2OSCTL_CTID=${ctid} ${path}`);
}
