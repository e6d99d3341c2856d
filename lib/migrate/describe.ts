import { formatDuration } from '../cli/units.ts';
import type { VzMigration } from '../documents/documents.ts';
import type { MigrationStep } from '../documents/vz-migration.ts';
import { quoteArgv } from '../host/quote.ts';
import { formatOperand } from '../source/reference.ts';
import { isUntouched } from './transfer/times.ts';

/**
 * A migration in one line for a person: the container, how far it is, and the command that goes on. `stateDir`: of
 * `--state-dir`, which the command needs as well. Pure.
 */
export function describe(document: VzMigration, stateDir?: string): string {
  const doing = document.doing ? `, in the middle of ${document.doing.effect}` : '';
  return `${nounOf(document)}: ${SAYS[document.step](document)}${doing}; next: ${nextCommand(document, stateDir)}`;
}

/** The container as the command line names it. */
export function nounOf({ container, ctid }: VzMigration): string {
  return formatOperand(container.source.host, ctid);
}

/** What goes on from here, and in brackets what else there is. */
export function nextCommand(document: VzMigration, stateDir?: string): string {
  const [step, or] = nextSteps(document);
  const directory = stateDir === undefined ? [] : ['--state-dir', stateDir];
  const command = quoteArgv(['vz-migrate-step', step, nounOf(document), ...directory]);
  return or === undefined ? command : `${command} (or ${or})`;
}

/** How long it was down; null: it was not, or is, or nobody knows. */
export function downtimeMs({ transfer }: VzMigration): number | null {
  if (!transfer?.stoppedAt || !transfer.runningAt) return null;
  return Date.parse(transfer.runningAt) - Date.parse(transfer.stoppedAt);
}

function nextSteps({ step, destination }: VzMigration): readonly [string, string?] {
  switch (step) {
    case 'staging':
      return ['stage'];
    case 'staged':
      return ['sync'];
    case 'synced':
      return ['transfer', 'sync once more'];
    case 'stopping':
      return ['transfer', 'cancel'];
    case 'switching':
      return ['transfer', 'rollback'];
    case 'transferred':
      return ['cleanup', 'rollback'];
    case 'returning':
      return ['rollback'];
    case 'returned':
      // What was taken over by the receive protocol takes no more data.
      return destination.via === 'root' ? ['sync', 'cancel'] : ['cancel'];
    case 'cancelling':
      return ['cancel'];
    case 'cleaning':
      return ['cleanup'];
  }
}

const SAYS: Record<MigrationStep, (document: VzMigration) => string> = {
  staging: (document) => `is being made on ${targetOf(document)}`,
  staged: (document) => `is made on ${targetOf(document)}, without data`,
  synced: (document) => `${passesOf(document)} of data on ${targetOf(document)}`,
  stopping: (document) =>
    `was about to move to ${targetOf(document)}; if it is down, its guard or the next run starts it`,
  switching: (document) =>
    isUntouched(document)
      ? `is stopped for good, or about to be, and nothing was done on ${targetOf(document)} yet`
      : `is stopped for good, and about to run on ${targetOf(document)}`,
  transferred: (document) => `has moved to ${targetOf(document)}${downText(document)}`,
  returning: (document) => `is on its way back from ${targetOf(document)}`,
  returned: (document) => `runs where it was, and not on ${targetOf(document)}`,
  cancelling: (document) => `is being removed from ${targetOf(document)}`,
  cleaning: (document) => `has moved to ${targetOf(document)}, and is being cleaned up`,
};

/** `root@node as tank:101`; where it has no name yet, the node alone. */
function targetOf({ destination, target }: VzMigration): string {
  const { user, name } = destination.host;
  const host = user === null ? name : `${user}@${name}`;
  return target === null ? host : `${host} as ${target.pool}:${target.id}`;
}

export function passesOf({ sync }: VzMigration): string {
  return sync.passes.length === 1 ? '1 pass' : `${sync.passes.length} passes`;
}

function downText(document: VzMigration): string {
  const ms = downtimeMs(document);
  return ms === null ? '' : `, down for ${formatDuration(ms)}`;
}
