import assert from 'node:assert/strict';
import { describe as group, it } from 'node:test';
import fc from 'fast-check';
import type { VzMigration } from '../../lib/documents/documents.ts';
import type { MigrationStep } from '../../lib/documents/vz-migration.ts';
import { describe } from '../../lib/migrate/describe.ts';
import { statusLine } from '../../lib/migrate/status.ts';
import { formatOperand, parseOperand } from '../../lib/source/reference.ts';
import { sampleHost, sampleMigration } from '../support/sample-migration.ts';

const at = '2026-01-02T03:04:05Z';
const pass = { at, how: 'tar', ms: 9000, walkMs: 100, bytes: '1' } as const;
const moved = {
  predictedMs: 8000,
  stoppedAt: at,
  committingAt: at,
  startingAt: at,
  runningAt: '2026-01-02T03:04:16Z',
};
const viaReceive = { ...sampleMigration().destination, via: 'receive' as const };

group('a migration in one line', () => {
  const rows: readonly (readonly [MigrationStep, Partial<VzMigration>, string])[] = [
    ['staging', { target: null }, 'is being made on root@node; next: vz-migrate-step stage root@vz6:101'],
    ['staged', {}, 'is made on root@node as tank:101, without data; next: vz-migrate-step sync root@vz6:101'],
    [
      'synced',
      { sync: { passes: [pass], datasets: [] } },
      '1 pass of data on root@node as tank:101; next: vz-migrate-step transfer root@vz6:101 (or sync once more)',
    ],
    [
      'stopping',
      {},
      'was about to move to root@node as tank:101; if it is down, its guard or the next run starts it; next: vz-migrate-step transfer root@vz6:101 (or cancel)',
    ],
    [
      'switching',
      { doing: { effect: 'osctl ct start', since: at } },
      'is stopped for good, and about to run on root@node as tank:101, in the middle of osctl ct start; next: vz-migrate-step transfer root@vz6:101 (or rollback)',
    ],
    [
      'switching',
      { transfer: { ...moved, committingAt: null }, doing: { effect: 'disarm the guard', since: at } },
      'is stopped for good, or about to be, and nothing was done on root@node as tank:101 yet, in the middle of disarm the guard; next: vz-migrate-step transfer root@vz6:101 (or rollback)',
    ],
    [
      'transferred',
      { transfer: moved },
      'has moved to root@node as tank:101, down for 11 s; next: vz-migrate-step cleanup root@vz6:101 (or rollback)',
    ],
    [
      'returning',
      {},
      'is on its way back from root@node as tank:101; next: vz-migrate-step rollback root@vz6:101',
    ],
    [
      'returned',
      {},
      'runs where it was, and not on root@node as tank:101; next: vz-migrate-step sync root@vz6:101 (or cancel)',
    ],
    [
      'returned',
      { destination: viaReceive },
      'runs where it was, and not on root@node as tank:101; next: vz-migrate-step cancel root@vz6:101',
    ],
    [
      'cancelling',
      {},
      'is being removed from root@node as tank:101; next: vz-migrate-step cancel root@vz6:101',
    ],
    [
      'cleaning',
      {},
      'has moved to root@node as tank:101, and is being cleaned up; next: vz-migrate-step cleanup root@vz6:101',
    ],
  ];
  for (const [step, change, text] of rows)
    it(`${step}: ${text}`, () =>
      assert.equal(describe(sampleMigration({ step, ...change })), `root@vz6:101: ${text}`));

  it('names the state directory that the command needs', () => {
    const line = describe(sampleMigration({}, { host: null }), '/my state');
    assert.match(line, /^101: .* next: vz-migrate-step sync 101 --state-dir '\/my state'$/);
  });
});

group('the line of status', () => {
  const rows: readonly (readonly [Partial<VzMigration>, string])[] = [
    [{}, 'staged  since 5 min  0 passes  next: vz-migrate-step sync root@vz6:101'],
    [
      {
        step: 'synced',
        sync: { passes: [pass, pass], datasets: [] },
        transfer: { ...moved, stoppedAt: null, runningAt: null },
      },
      'synced  since 5 min  2 passes  about 8.0 s down  next: vz-migrate-step transfer root@vz6:101 (or sync once more)',
    ],
    [
      { step: 'switching', transfer: { ...moved, runningAt: null }, doing: { effect: 'x', since: at } },
      `switching  since 5 min  0 passes  stopped at ${at}  in the middle of x  next: vz-migrate-step transfer root@vz6:101 (or rollback)`,
    ],
    [
      { step: 'transferred', transfer: moved },
      'transferred  since 5 min  0 passes  11 s down  next: vz-migrate-step cleanup root@vz6:101 (or rollback)',
    ],
  ];
  for (const [change, text] of rows) {
    it(text, () => {
      const line = statusLine(sampleMigration(change), { ageMs: 300_000, stateDir: undefined });
      assert.equal(line, `root@vz6:101  ${text}`);
    });
  }
});

it('a container is named as it is read', () => {
  const user = fc.option(fc.constantFrom('root', 'a.b', 'me@corp'));
  const name = fc.constantFrom('vz6', 'vz6.example.com', '2001:db8::1', '::1', 'fe80::1%eth0');
  const port = fc.option(fc.integer({ min: 1, max: 65535 }));
  fc.assert(
    fc.property(user, name, port, (user, name, port) => {
      const host = { user, name, port };
      assert.deepEqual(parseOperand(formatOperand(host, '101')), { kind: 'container', host, name: '101' });
    }),
  );
  assert.equal(formatOperand(null, '101'), '101');
  assert.equal(formatOperand(sampleHost({ port: 2222 }), '101'), 'ssh://root@vz6:2222/101');
});
