import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertNeverTwice, running, type Storage, startMigration } from '../../support/migrations.ts';
import { showContainer } from '../../support/receiver.ts';
import { treeDifferences } from '../../support/trees.ts';

const STORAGES: readonly Storage[] = ['simfs', 'ploop', 'zfs-receive-1', 'zfs-receive-2', 'zfs-root'];

for (const storage of STORAGES) {
  test(`${storage}: stage, sync, sync, transfer, cleanup --delete`, async (t) => {
    const migration = await startMigration(
      t,
      storage,
      storage.startsWith('zfs') ? { children: ['data'] } : {},
    );
    if (!migration) return;
    const { source, ctid, target, stage, step, tree, copy, pool } = migration;
    const staged = await stage();
    assert.equal(staged.code, 0, staged.stderr);
    assert.equal(staged.document?.step, 'staged');
    assert.notEqual(target.osctl(['ct', 'start', ctid]).code, 0, 'cannot start before it is whole');
    for (let pass = 1; pass <= 2; pass += 1) {
      const synced = await step('sync');
      assert.equal(synced.code, 0, synced.stderr);
      assert.equal(synced.document?.sync.passes.length, pass);
      appendFileSync(join(tree, 'etc/hostname'), 'more\n');
      writeFileSync(join(tree, `etc/pass-${pass}`), '');
    }
    assert.deepEqual(running(migration), ['source']);
    const moved = await step('transfer');
    assert.equal(moved.code, 0, moved.stderr);
    assert.equal(moved.document?.step, 'transferred', moved.stderr);
    assert.deepEqual(running(migration), ['target']);
    assertNeverTwice(migration);
    assert.match(moved.stderr, /has moved; it was down for \d/);
    assert.match(source.vzctl('start', ctid).stderr, /disabled/i, 'nobody starts the source by mistake');
    if (storage === 'ploop') assert.match(source.status(ctid), / unmounted down$/);
    else assert.deepEqual(differences(tree, copy), []);
    const again = await step('transfer');
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stderr, /has moved already/);

    const cleaned = await step('cleanup', '--delete', '--confirm', ctid);
    assert.equal(cleaned.code, 0, cleaned.stderr);
    assert.match(source.status(ctid), / deleted /);
    assert.equal(migration.state(), undefined);
    assert.deepEqual(running(migration), ['target']);
    assert.equal(showContainer(target, ctid)?.['vz2osctl:migration'], undefined);
    assert.deepEqual(pool?.snapshots() ?? [], []);
  });
}

function differences(tree: string, copy: string): string[] {
  // What a start on either side changes, and /dev, which stays behind.
  return treeDifferences(tree, copy, ['/dev/*']).filter((line) => !/^\.d\S+ \.\/$/.test(line));
}

test('without a root session: generation 2 starts it; generation 1 needs a person, who is told', async (t) => {
  const to = 'osctl-ct-receive@node';
  const second = await startMigration(t, 'zfs-receive-2', { to });
  if (!second) return;
  assert.equal((await second.stage()).code, 0);
  second.target.set('start-fails', '1');
  const back = await second.step('transfer');
  assert.equal(back.code, 69, back.stderr);
  assert.deepEqual(running(second), ['source']);
  assertNeverTwice(second);
  const moved = await second.step('transfer');
  assert.equal(moved.code, 0, moved.stderr);
  assert.deepEqual(running(second), ['target']);
  assertNeverTwice(second);
  const cleaned = await second.step('cleanup');
  assert.equal(cleaned.code, 0, cleaned.stderr);

  const first = await startMigration(t, 'zfs-receive-1', { to });
  if (!first) return;
  const refused = await first.stage();
  assert.equal(refused.code, 78, refused.stderr);
  assert.match(refused.stderr, /without a root session .* --start manual/);
  assert.equal(showContainer(first.target, '101'), undefined);
  assert.equal((await first.stage('--start', 'manual')).code, 0);
  const handed = await first.step('transfer');
  assert.equal(handed.code, 0, handed.stderr);
  assert.match(handed.stderr, /is DOWN until you start it: ssh root@node osctl ct start/);
  assert.deepEqual(running(first), []);
  assert.equal(first.target.osctl(['ct', 'start', '101']).code, 0);
});
