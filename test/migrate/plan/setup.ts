import assert from 'node:assert/strict';
import type { VzMigration } from '../../../lib/documents/documents.ts';
import type { PlanOptions } from '../../../lib/migrate/plan/draft.ts';
import { planStep } from '../../../lib/migrate/plan/plan.ts';
import type { StepName } from '../../../lib/migrate/steps/step.ts';
import { sampleMigration } from '../../support/sample-migration.ts';

export const OPTIONS: PlanOptions = {
  now: new Date(1_700_000_000_000),
  bytesPerSecond: undefined,
  passphraseFile: undefined,
  stateDir: undefined,
  maxDowntimeMs: undefined,
  hooksDir: undefined,
  guestFix: null,
  acceptDrift: false,
  deleteSource: false,
  confirm: undefined,
  force: false,
  dropChanges: false,
  yes: true,
  dryRun: true,
};

/** The lines that are commands. */
export function commands(
  step: StepName,
  document: VzMigration,
  options: Partial<PlanOptions> = {},
): string[] {
  return planStep(step, document, { ...OPTIONS, ...options }).filter((line) => !line.startsWith('#'));
}

/** Each is there, behind the one before. */
export function assertOrder(lines: readonly string[], order: readonly RegExp[]): void {
  let from = 0;
  for (const pattern of order) {
    const at = lines.findIndex((line, index) => index >= from && pattern.test(line));
    assert.ok(at >= 0, `${pattern} behind line ${from} of:\n${lines.join('\n')}`);
    from = at + 1;
  }
}

export type Via = 'files' | 'root' | 'receive';

/** A staged migration of a way. */
export function migrationVia(via: Via, change: Partial<VzMigration> = {}): VzMigration {
  const staged = sampleMigration(change, via === 'files' ? {} : ZFS);
  if (via === 'files') return staged;
  const datasets = ['', 'var'].map((name) => ({ name, confirmed: null, doubtful: null }));
  const document = { ...staged, sync: { passes: [], datasets }, ...change };
  if (via === 'root' || document.target === null)
    return {
      ...document,
      destination: { ...document.destination, via: via === 'root' ? 'root' : 'receive' },
    };
  return {
    ...document,
    destination: { ...document.destination, via: 'receive' },
    target: { ...document.target, token: 'a'.repeat(40), protocol: 2 },
  };
}

const ZFS = {
  layout: 'zfs',
  dataset: 'vz/private/101',
  subdir: 'private',
  privatePath: '/vz/private/101/private',
} as const;
