import type { Flags } from '../cli/flags.ts';
import { usage } from '../cli/flags.ts';
import type { FlagSpec } from '../cli/spec.ts';
import { vzMigrateStep } from '../cli/specs/vz-migrate-step.ts';
import { parseSize } from '../cli/units.ts';
import { readGuestFixFlag } from '../guest/select.ts';
import type { StepName, StepOptions } from './steps/step.ts';
import { STEP_NAMES } from './steps/step.ts';

export type Action = StepName | 'status';

/** Refuses a flag that means nothing to the step: it would be ignored without a word. Throws VzError (64). */
export function refuseOtherFlags(flags: Flags, action: Action): void {
  for (const flag of vzMigrateStep.flags) {
    const rule = RULES[flag.name];
    if (!rule || isFor(flag.name, action) || !isGiven(flags, flag)) continue;
    throw usage(`--${flag.name}: not with ${action}: ${rule.why}`);
  }
  if (flags.text('confirm') !== undefined && !flags.on('delete'))
    throw usage('--confirm: only with --delete', 'without it nothing is deleted');
}

/** Whether a flag of vz-migrate-step means something to the step. */
export function isFor(name: string, action: Action): boolean {
  return RULES[name]?.actions.includes(action) ?? true;
}

/** What the flags say to a step. Throws VzError (64). */
export function readStepOptions(flags: Flags): StepOptions {
  return {
    maxDowntimeMs: flags.durationMs('max-downtime'),
    hooksDir: flags.text('hooks'),
    guestFix: readGuestFixFlag(flags.text('guest-fix') ?? 'auto'),
    acceptDrift: flags.on('accept-drift'),
    deleteSource: flags.on('delete'),
    confirm: flags.text('confirm'),
    force: flags.on('force'),
    dropChanges: flags.on('drop-changes'),
    yes: flags.on('yes'),
    dryRun: flags.on('dry-run'),
  };
}

/** `--bwlimit`, bytes a second. A number alone would be KiB to rsync and bytes to others. Throws VzError (64). */
export function bytesPerSecond(flags: Flags): number | undefined {
  const text = flags.text('bwlimit');
  if (text === undefined) return undefined;
  const rate = /[KMG]$/i.test(text) ? parseSize(text) : undefined;
  if (!rate)
    throw usage(`--bwlimit: expected KiB, MiB or GiB a second such as 40M, got ${JSON.stringify(text)}`);
  return rate;
}

function isGiven(flags: Flags, { name, value, repeatable }: FlagSpec): boolean {
  if (value === undefined) return flags.on(name);
  return repeatable ? flags.list(name).length > 0 : flags.text(name) !== undefined;
}

interface Rule {
  readonly actions: readonly Action[];
  readonly why: string;
}

const BEGINS: readonly Action[] = ['stage', 'now'];
const ACTS: readonly Action[] = STEP_NAMES;
const IN_DOCUMENT = 'that was said at stage, and is in its document';
const SETTLED: Rule = { actions: BEGINS, why: IN_DOCUMENT };
const ONLY_LOOKS = 'it reads the state, and reaches no node';

const RULES: Readonly<Record<string, Rule>> = {
  to: SETTLED,
  via: SETTLED,
  start: SETTLED,
  'conf-dir': SETTLED,
  ssh: SETTLED,
  'ssh-option': SETTLED,
  identity: SETTLED,
  legacy: SETTLED,
  'host-key-checking': { actions: ACTS, why: ONLY_LOOKS },
  'passphrase-file': { actions: ACTS, why: ONLY_LOOKS },
  wait: { actions: ACTS, why: 'it takes no lock' },
  'dry-run': { actions: ACTS, why: 'it changes nothing' },
  'max-downtime': { actions: ['transfer', 'now'], why: 'it does not stop the container' },
  ignore: { actions: ['stage', 'transfer', 'now'], why: 'it is not refused for a blocker' },
  'accept-drift': { actions: ['transfer', 'now'], why: 'it does not look at the config' },
  'guest-fix': { actions: ['transfer', 'now'], why: 'it does not start the container on the new node' },
  bwlimit: {
    actions: ['sync', 'transfer', 'now'],
    why: 'it sends no data',
  },
  hooks: { actions: ['transfer', 'now', 'rollback'], why: 'it runs none' },
  delete: { actions: ['cleanup'], why: 'only cleanup removes the old container' },
  confirm: { actions: ['cleanup'], why: 'only cleanup removes the old container' },
  force: { actions: ['cancel'], why: 'only cancel can leave something behind' },
  'drop-changes': { actions: ['rollback'], why: 'only rollback loses what the new node has written' },
  yes: { actions: ['now'], why: 'it asks nothing' },
  all: { actions: ['status'], why: 'it is for one container; use a shell loop for many' },
};
