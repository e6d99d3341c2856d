import { formatBytes, formatDuration } from '../../cli/units.ts';
import type { VzMigration } from '../../documents/documents.ts';
import type { Pass } from '../../documents/vz-migration.ts';
import { STOP_START_MS } from '../transfer/settle.ts';
import type { Draft } from './draft.ts';

/** What the next pass will send, as far as somebody knows. */
export function expectedPass({ container, sync }: VzMigration): string {
  const last = sync.passes.findLast(isReal);
  if (last !== undefined)
    return `what has changed since; the last pass sent ${formatBytes(BigInt(last.bytes))} in ${formatDuration(last.ms)}`;
  if (sync.passes.length > 0) return 'what has changed since';
  const bytes = container.source.facts?.usedBytes ?? null;
  return bytes === null ? 'all data' : `all data, about ${formatBytes(BigInt(bytes))}`;
}

/** How long it will be down, as far as somebody knows. */
export function expectedDowntime({ sync, transfer }: VzMigration): string {
  const last = sync.passes.findLast(
    (pass) => isReal(pass) && (pass.how === 'increment' || pass.how === 'rsync'),
  );
  const ms = transfer?.predictedMs ?? (last ? last.ms + STOP_START_MS : null);
  return ms === null
    ? 'for how long is known when a pass has come through'
    : `for about ${formatDuration(ms)}`;
}

/** Notes a pass that is planned: the next one goes on from it. */
export function notePass(draft: Draft, how: Pass['how']): void {
  const { sync } = draft.document;
  const pass = { at: draft.options.now.toISOString(), how, ms: 0, walkMs: 0, bytes: '0' };
  draft.change({ sync: { ...sync, passes: [...sync.passes, pass] } });
}

/** Of one that is only planned nobody knows the figures. */
function isReal({ ms, bytes }: Pass): boolean {
  return ms > 0 || bytes !== '0';
}
