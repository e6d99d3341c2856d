import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { VzMigration } from '../../../lib/documents/documents.ts';
import {
  assertNeverTwice,
  type Migration,
  makeHook,
  running,
  startMigration,
} from '../../support/migrations.ts';
import { showContainer } from '../../support/receiver.ts';

test('somebody has started the source behind the point of no return: the target is not', async (t) => {
  const migration = await startMigration(t, 'simfs', { plain: true });
  if (!migration) return;
  const { stage, step } = migration;
  await stage();
  assert.equal((await step('sync')).code, 0);
  change(migration, ({ source }) => ({ step: 'switching', source: { ...source, wasRunning: true } }));
  const refused = await step('transfer');
  assert.equal(refused.code, 78, refused.stderr);
  assert.match(refused.stderr, /runs on the old node again/);
  assert.deepEqual(running(migration), ['source']);
  const back = await step('rollback', '--drop-changes');
  assert.equal(back.code, 0, back.stderr);
  assert.deepEqual(running(migration), ['source']);
  assert.doesNotMatch(config(migration), /DISABLED="yes"/);
});

test('a node that has not imported its pool yet knows no container: nothing is started', async (t) => {
  const migration = await startMigration(t, 'simfs', { plain: true });
  if (!migration) return;
  const { target, ctid, stage, step } = migration;
  await stage();
  const bin = join(target.dir, 'bin');
  mkdirSync(bin, { recursive: true });
  const boot = (): void => {
    const booting =
      '#!/bin/sh\ncase $* in *"pool ls"*) echo "[]" ;; *) echo "error: container not found" >&2; exit 1 ;; esac\n';
    writeFileSync(join(bin, 'osctl'), booting);
    chmodSync(join(bin, 'osctl'), 0o755);
  };
  boot();
  const kept = await step('cancel');
  assert.equal(kept.code, 75, kept.stderr);
  rmSync(join(bin, 'osctl'));
  assert.equal((await step('cancel')).code, 0);
  assert.equal(showContainer(target, ctid), undefined);
  await stage();
  const moved = await step('transfer');
  assert.equal(moved.code, 0, moved.stderr);
  boot();
  const early = await step('rollback', '--drop-changes');
  assert.equal(early.code, 75, early.stderr);
  rmSync(join(bin, 'osctl'));
  assert.deepEqual(running(migration), ['target']);
  const back = await step('rollback', '--drop-changes');
  assert.equal(back.code, 0, back.stderr);
  assert.deepEqual(running(migration), ['source']);
  assertNeverTwice(migration);
});

test('cleanup --delete goes on where it was broken off, and not on another container of the id', async (t) => {
  const migration = await startMigration(t, 'simfs', { plain: true });
  if (!migration) return;
  const { source, ctid, stage, step } = migration;
  await stage();
  assert.equal((await step('transfer')).code, 0);
  source.vzctl('set', ctid, '--disabled', 'no', '--save');
  const other = await step('cleanup', '--delete', '--confirm', ctid);
  assert.equal(other.code, 78, other.stderr);
  assert.match(source.status(ctid), / exist /);
  source.vzctl('set', ctid, '--disabled', 'yes', '--save');
  writeFileSync(join(source.stateDir, `${ctid}.destroy-exit`), '3');
  const failed = await step('cleanup', '--delete', '--confirm', ctid);
  assert.equal(failed.code, 69, failed.stderr);
  rmSync(join(source.stateDir, `${ctid}.destroy-exit`));
  const cleaned = await step('cleanup', '--delete', '--confirm', ctid);
  assert.equal(cleaned.code, 0, cleaned.stderr);
  assert.match(source.status(ctid), / deleted /);
  assert.equal(migration.state(), undefined);
});

test('an old container that somebody has removed is no way back: the new one runs on', async (t) => {
  const migration = await startMigration(t, 'simfs', { plain: true });
  if (!migration) return;
  const { source, ctid, stage, step } = migration;
  await stage();
  assert.equal((await step('transfer')).code, 0);
  assert.equal(source.vzctl('destroy', ctid).code, 0);
  const refused = await step('rollback', '--drop-changes');
  assert.equal(refused.code, 66, refused.stderr);
  assert.deepEqual(running(migration), ['target']);
  assert.equal(migration.state()?.step, 'transferred');
});

test('a dataset that holds more than the container is never destroyed', async (t) => {
  const migration = await startMigration(t, 'zfs-root', { plain: true });
  if (!migration) return;
  const { source, ctid, pool, stage, step } = migration;
  await stage();
  assert.equal((await step('transfer')).code, 0);
  const dataset = migration.state()?.container.source.dataset ?? '';
  pool?.zfs('create', `${dataset}/later`);
  const cleaned = await step('cleanup', '--delete', '--confirm', ctid);
  assert.match(cleaned.stderr, /is left: .*later was not moved/);
  assert.equal(pool?.zfs('list', '-H', '-o', 'name', `${dataset}/later`).trim(), `${dataset}/later`);
  assert.doesNotMatch(source.status(ctid), / running$/);
});

test('a destruction that was broken off goes on, whatever it has unmounted; what is left on purpose is not asked for again', async (t) => {
  const migration = await startMigration(t, 'zfs-root', { plain: true });
  if (!migration) return;
  const { source, target, ctid, pool, stage, step } = migration;
  await stage();
  assert.equal((await step('transfer')).code, 0);
  const dataset = migration.state()?.container.source.dataset ?? '';
  const deletion = ['--delete', '--confirm', ctid];
  // As a run leaves it that dies within: vzctl has renamed the config, zfs has unmounted.
  source.vzctl('destroy', ctid);
  pool?.zfs('create', `${dataset}/later`);
  pool?.zfs('umount', dataset);
  // And one that dies at its very end.
  const id = migration.state()?.id ?? '';
  assert.equal(target.osctl(['ct', 'unset', 'attr', ctid, 'vz2osctl:migration']).code, 0);
  const path = stateFile(migration);
  const kept = readFileSync(path);
  const left = await step('cleanup', ...deletion);
  assert.equal(left.code, 0, left.stderr);
  assert.match(left.stderr, /is left: .*later was not moved/);
  pool?.zfs('destroy', `${dataset}/later`);
  assert.equal(target.osctl(['ct', 'set', 'attr', ctid, 'vz2osctl:migration', id]).code, 0);
  writeFileSync(path, kept);
  const gone = await step('cleanup', ...deletion);
  assert.equal(gone.code, 0, gone.stderr);
  assert.doesNotMatch(pool?.zfs('list', '-H', '-o', 'name') ?? '', new RegExp(`^${dataset}$`, 'm'));
});

test('a transfer that never began starts nothing, whatever ran at an earlier one; a changed ONBOOT is ours', async (t) => {
  const migration = await startMigration(t, 'simfs', { plain: true });
  if (!migration) return;
  const { source, ctid, stage, step } = migration;
  const path = join(source.confDir, `${ctid}.conf`);
  writeFileSync(path, config(migration).replace(/^ONBOOT=.*\n/m, ''));
  await stage();
  writeFileSync(join(source.stateDir, `${ctid}.stop-exit`), '33');
  const hooks = join(source.dir, 'hooks');
  makeHook(hooks, 'returned');
  const stuck = await step('transfer', '--hooks', hooks);
  assert.equal(stuck.code, 69, stuck.stderr);
  assert.equal(readFileSync(join(hooks, 'log'), 'utf8'), 'returned\n');
  rmSync(join(source.stateDir, `${ctid}.stop-exit`));
  source.vzctl('stop', ctid);
  const lock = join(source.dir, 'lock', `${ctid}.lck`);
  writeFileSync(lock, `${process.pid}\n`);
  const locked = await step('transfer');
  assert.equal(locked.code, 75, locked.stderr);
  rmSync(lock);
  assert.deepEqual(running(migration), []);
});

test('a source that runs though it is disabled runs again after a target that does not start', async (t) => {
  const migration = await startMigration(t, 'simfs', { plain: true });
  if (!migration) return;
  const { source, ctid, target, stage, step } = migration;
  appendFileSync(join(source.confDir, `${ctid}.conf`), 'DISABLED="yes"\n');
  await stage();
  target.set('start-fails', '1');
  const back = await step('transfer');
  assert.equal(back.code, 69, back.stderr);
  assert.deepEqual(running(migration), ['source']);
  assert.match(config(migration), /DISABLED="yes"/);
  // The run died behind the restored setting, before the start.
  source.vzctl('stop', ctid);
  change(migration, ({ source: state }) => ({ step: 'returning', source: { ...state, disabled: null } }));
  const again = await step('rollback');
  assert.equal(again.code, 0, again.stderr);
  assert.deepEqual(running(migration), ['source']);
});

function config({ source, ctid }: Migration): string {
  return readFileSync(join(source.confDir, `${ctid}.conf`), 'utf8');
}

function stateFile({ stateDir }: Migration): string {
  const name = readdirSync(stateDir).find((file) => file.endsWith('.json'));
  assert.ok(name);
  return join(stateDir, name);
}

/** What a run that died has left in the state. */
function change(migration: Migration, how: (document: VzMigration) => Partial<VzMigration>): void {
  const document = migration.state();
  assert.ok(document);
  writeFileSync(stateFile(migration), JSON.stringify({ ...document, ...how(document) }));
}
