import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertPristine, assertRunsAgain } from '../support/faults/checks.ts';
import { type Effect, type Faulty, startFaulty } from '../support/faults/faulty.ts';
import { assertNeverTwice, type Migration, running, type Storage } from '../support/migrations.ts';
import { treeDifferences } from '../support/trees.ts';

const DISARM: Effect = { name: 'guard: disarm', count: 1, stream: null };

test('a transfer that dies before its guard is told: the guard starts the source, and the next one begins anew', async (t) => {
  const faulty = await staged(t, 'simfs');
  if (!faulty) return;
  const { migration, step } = faulty;
  const dead = await step('transfer', { effect: DISARM, fault: 'before' });
  assert.equal(dead.code, 137, dead.stderr);
  assert.equal(migration.state()?.step, 'switching');
  await assertRunsAgain(faulty);
  writeFileSync(join(migration.tree, 'etc/written-meanwhile'), 'after the dead run');
  const moved = await step('transfer');
  assert.equal(moved.code, 0, moved.stderr);
  assertArrived(migration);
});

for (const storage of ['simfs', 'zfs-receive-1', 'zfs-root'] as const) {
  test(`${storage}: a transfer that dies when its guard was told, with the source started and stopped since: all of it moves`, async (t) => {
    const faulty = await staged(t, storage);
    if (!faulty) return;
    const { migration, step } = faulty;
    const dead = await step('transfer', { effect: DISARM, fault: 'after' });
    assert.equal(dead.code, 137, dead.stderr);
    assert.equal(migration.state()?.step, 'switching');
    assert.equal(migration.state()?.doing?.effect, 'disarm the guard');
    writeMeanwhile(migration);
    const moved = await step('transfer');
    assert.equal(moved.code, 0, moved.stderr);
    assertArrived(migration);
  });
}

test('the answer of the guard is lost: the source runs again, and nothing was done to the target', async (t) => {
  const faulty = await staged(t, 'simfs');
  if (!faulty) return;
  const { migration, step } = faulty;
  const lost = await step('transfer', { effect: DISARM, fault: 'lost' });
  assert.ok([69, 74, 75].includes(lost.code), `${lost.code} ${lost.stderr}`);
  assert.deepEqual(running(migration), ['source']);
  assert.equal(migration.state()?.step, 'synced');
  assert.equal((await step('cancel')).code, 0);
  assertPristine(faulty);
});

for (const [storage, effect] of [
  ['simfs', 'zfs set uidmap gidmap, mv vz2osctl.incoming private | script'],
  ['zfs-root', 'mount the target, canmount=noauto | script'],
] as const) {
  test(`${storage}: a transfer that dies behind the commit, with the source started and stopped since: all of it moves`, async (t) => {
    const faulty = await staged(t, storage);
    if (!faulty) return;
    const { migration, step } = faulty;
    const dead = await step('transfer', { effect: { name: effect, count: 1, stream: null }, fault: 'after' });
    assert.equal(dead.code, 137, dead.stderr);
    allowStart(migration);
    writeMeanwhile(migration);
    const moved = await step('transfer');
    assert.equal(moved.code, 0, moved.stderr);
    assertArrived(migration);
  });
}

test('what was taken over by the protocol takes no more: a source that may have run since is not left behind', async (t) => {
  const faulty = await staged(t, 'zfs-receive-2');
  if (!faulty) return;
  const { migration, step } = faulty;
  const effect = { name: 'receive transfer | receive transfer', count: 1, stream: null };
  const dead = await step('transfer', { effect, fault: 'after' });
  assert.equal(dead.code, 137, dead.stderr);
  allowStart(migration);
  writeMeanwhile(migration);
  const refused = await step('transfer');
  assert.equal(refused.code, 78, refused.stderr);
  assert.match(refused.stderr, /is not disabled on the old node any more/);
  assert.deepEqual(running(migration), []);
  migration.source.vzctl('set', migration.ctid, '--disabled', 'yes', '--save');
  const again = await step('transfer', {
    effect: { ...effect, name: 'osctl ct start | osctl -q ct start tank:101' },
    fault: 'before',
  });
  assert.equal(again.code, 137, again.stderr);
  const back = await step('rollback --drop-changes');
  assert.equal(back.code, 0, back.stderr);
  assert.deepEqual(running(migration), ['source']);
});

/** Staged, with a pass made. */
async function staged(t: Parameters<typeof startFaulty>[0], storage: Storage): Promise<Faulty | undefined> {
  const faulty = await startFaulty(t, storage);
  if (!faulty) return undefined;
  for (const words of ['stage', 'sync']) {
    const { code, stderr } = await faulty.step(words);
    assert.equal(code, 0, stderr);
  }
  return faulty;
}

function allowStart({ source, ctid }: Migration): void {
  assert.equal(source.vzctl('set', ctid, '--disabled', 'no', '--save').code, 0);
}

/** Somebody starts the source, which writes, and stops it. */
function writeMeanwhile({ source, ctid, tree }: Migration): void {
  // The dead run's guard gives the lock back first.
  for (let tries = 0; source.vzctl('start', ctid).code !== 0; tries += 1) assert.ok(tries < 100);
  rmSync(join(tree, 'etc/hostname'));
  writeFileSync(join(tree, 'etc/written-meanwhile'), 'while nobody looked');
  assert.equal(source.vzctl('stop', ctid).code, 0);
}

function assertArrived(migration: Migration): void {
  assert.deepEqual(running(migration), ['target']);
  assertNeverTwice(migration);
  const { tree, copy } = migration;
  const different = treeDifferences(tree, copy, ['/dev/*']);
  assert.deepEqual(
    different.filter((line) => !/^\.d\S+ \.\/$/.test(line)),
    [],
  );
}
