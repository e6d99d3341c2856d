import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { VzMigration } from '../../../lib/documents/documents.ts';
import { NO_TIMES } from '../../../lib/migrate/transfer/times.ts';
import { assertOrder, commands, migrationVia } from './setup.ts';

const AT = '2026-01-01T00:00:00Z';
const STARTS = /osctl -q ct start tank:101'$/;
/** A run that died at the point of no return, behind the commit, and behind the start. */
const RESUMED: readonly (readonly [VzMigration['transfer'], readonly RegExp[]])[] = [
  [NO_TIMES, [/^ssh -nA .*rsync/, /--disabled yes/, STARTS]],
  [
    { ...NO_TIMES, committingAt: AT },
    [
      /mv -T \S*private \S*incoming'$/,
      /zfs destroy -r .*-switch'$/,
      /^ssh -nA .*rsync/,
      /--disabled yes/,
      STARTS,
    ],
  ],
  [{ ...NO_TIMES, committingAt: AT, startingAt: AT }, [/mv -T \S*incoming \S*private'$/, STARTS]],
];
const STOPPED: VzMigration['source'] = { wasRunning: true, onboot: 'yes', disabled: 'no', snapshots: [] };

it('transfer behind a run that died: the data goes once more as long as the new one cannot have run', () => {
  const sync = { passes: [{ at: AT, how: 'rsync', ms: 1, walkMs: 0, bytes: '1' } as const], datasets: [] };
  const document = migrationVia('files', { step: 'switching', source: STOPPED, sync });
  for (const [transfer, expected] of RESUMED) {
    const lines = commands('transfer', { ...document, transfer });
    assertOrder(lines, expected);
    assert.equal(
      lines.some((line) => /rsync -a/.test(line)),
      expected.some((one) => one.source.includes('rsync')),
    );
  }
});

it('rollback of what was never started: nothing is lost, and where nothing was done nothing is asked', () => {
  const document = migrationVia('receive', { step: 'switching', source: STOPPED, transfer: NO_TIMES });
  const lines = commands('rollback', document);
  assertOrder(lines, [/--disabled no/, /'vzctl start 101'$/, /--onboot yes/]);
  assert.equal(lines.length, 3);
  const committed = { ...document, transfer: { ...NO_TIMES, committingAt: AT } };
  assert.doesNotMatch(commands('rollback', committed).join('\n'), /zfs diff/);
  assertOrder(commands('rollback', committed), [/ct stop /, /canmount=off/, /'vzctl start 101'$/]);
});
