import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  assertNeverTwice,
  type Migration,
  makeHook,
  running,
  type Storage,
  startMigration,
} from '../../support/migrations.ts';
import { showContainer } from '../../support/receiver.ts';

const STORAGES: readonly Storage[] = ['simfs', 'zfs-receive-1'];

for (const storage of STORAGES) {
  test(`${storage}: a target that does not start: back at once; cancel leaves nothing`, async (t) => {
    const migration = await startMigration(t, storage, { plain: true });
    if (!migration) return;
    const { source, ctid, target, stage, step, pool } = migration;
    const config = readFileSync(join(source.confDir, `${ctid}.conf`), 'utf8');
    await stage();
    target.set('start-fails', '1');
    const hooks = join(source.dir, 'hooks');
    for (const name of ['before-stop', 'switched', 'started', 'returned']) makeHook(hooks, name);
    const back = await step('transfer', '--hooks', hooks);
    assert.equal(back.code, 69, back.stderr);
    assert.match(back.stderr, /runs on the old one again: does not start: container failed to start/);
    assert.deepEqual(running(migration), ['source']);
    assertNeverTwice(migration);
    assert.equal(readFileSync(join(hooks, 'log'), 'utf8'), 'before-stop\nswitched\nreturned\n');
    assert.equal(migration.state()?.step, 'returned');
    assert.notEqual(target.osctl(['ct', 'start', ctid]).code, 0, 'the copy cannot start');
    assert.deepEqual(settings(source.confDir, ctid), settingsOf(config));
    const cancelled = await step('cancel');
    assert.equal(cancelled.code, 0, cancelled.stderr);
    nothingLeft(migration);
    assert.deepEqual(pool?.snapshots().filter((name) => !name.includes('/trash/')) ?? [], []);
  });

  test(`${storage}: rollback after a transfer; what has changed there is said, and lost`, async (t) => {
    const migration = await startMigration(t, storage, { plain: true });
    if (!migration) return;
    const { source, ctid, target, stage, step } = migration;
    await stage();
    const moved = await step('transfer');
    assert.equal(moved.code, 0, moved.stderr);
    const refused = await step('rollback');
    assert.equal(refused.code, 78, refused.stderr);
    assert.match(refused.stderr, /nobody knows what has changed on the new node since the transfer/);
    assert.deepEqual(running(migration), ['target']);
    const back = await step('rollback', '--drop-changes');
    assert.equal(back.code, 0, back.stderr);
    assert.deepEqual(running(migration), ['source']);
    assertNeverTwice(migration);
    assert.notEqual(target.osctl(['ct', 'start', ctid]).code, 0, 'the copy cannot start');
    const again = await step('rollback', '--drop-changes');
    assert.match(again.stderr, /is back already/);
    assert.equal((await step('cancel')).code, 0);
    nothingLeft(migration);
    assert.match(source.status(ctid), / running$/);
  });
}

test('a health check that fails brings it back', async (t) => {
  const migration = await startMigration(t, 'simfs', { plain: true });
  if (!migration) return;
  const { source, stage, step } = migration;
  await stage();
  const hooks = join(source.dir, 'hooks');
  makeHook(hooks, 'started', 1);
  const back = await step('transfer', '--hooks', hooks);
  assert.equal(back.code, 69, back.stderr);
  assert.match(back.stderr, /hooks\/started/);
  assert.deepEqual(running(migration), ['source']);
  assertNeverTwice(migration);
  // Files can be sent into what is there.
  rmSync(join(hooks, 'started'));
  const moved = await step('transfer', '--hooks', hooks);
  assert.equal(moved.code, 0, moved.stderr);
  assert.deepEqual(running(migration), ['target']);
  assertNeverTwice(migration);
});

test('refused with nothing stopped: a changed config, a hook that says no, a promise that cannot be kept', async (t) => {
  const migration = await startMigration(t, 'simfs', { plain: true });
  if (!migration) return;
  const { source, ctid, stage, step } = migration;
  await stage();
  const config = join(source.confDir, `${ctid}.conf`);
  writeFileSync(config, readFileSync(config, 'utf8').replace(/^HOSTNAME=.*$/m, 'HOSTNAME="another"'));
  const drifted = await step('transfer');
  assert.equal(drifted.code, 78, drifted.stderr);
  assert.match(drifted.stderr, /config has changed since stage: .*HOSTNAME/);
  const hooks = join(source.dir, 'hooks');
  makeHook(hooks, 'before-stop', 3);
  const no = await step('transfer', '--accept-drift', '--hooks', hooks);
  assert.equal(no.code, 78, no.stderr);
  const slow = await step('transfer', '--accept-drift', '--max-downtime', '5s');
  assert.equal(slow.code, 78, slow.stderr);
  assert.match(
    slow.stderr,
    /would be down for about 1\d s, more than --max-downtime 5.0 s; nothing was stopped/,
  );
  assert.deepEqual(running(migration), ['source']);
  assert.deepEqual(
    source.log().filter(({ verb }) => verb === 'stop'),
    [],
  );
  writeFileSync(join(source.stateDir, `${ctid}.stop-exit`), '33');
  const stuck = await step('transfer', '--accept-drift');
  assert.equal(stuck.code, 69, stuck.stderr);
  assert.deepEqual(running(migration), ['source']);
  assert.equal(migration.state()?.step, 'synced');
  assert.match(readFileSync(config, 'utf8'), /ONBOOT="yes"/);
});

/** No container, user or dataset of it on the node, and no state. */
function nothingLeft(migration: Migration): void {
  const { target, ctid } = migration;
  assert.equal(showContainer(target, ctid), undefined);
  assert.equal(target.osctl(['user', 'ls', '-H', '-o', 'name']).stdout, '');
  assert.equal(migration.state(), undefined);
}

function settings(confDir: string, ctid: string): string[] {
  return settingsOf(readFileSync(join(confDir, `${ctid}.conf`), 'utf8'));
}

/** vzctl rewrites the file, in another order; DISABLED="no" is what it was without. */
function settingsOf(config: string): string[] {
  return config
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#') && line !== 'DISABLED="no"')
    .sort();
}
