import assert from 'node:assert/strict';
import { lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { addBusybox } from '../../support/busybox-guest.ts';
import {
  assertNeverTwice,
  type Migration,
  running,
  type Storage,
  startMigration,
} from '../../support/migrations.ts';
import { needs } from '../../support/needs.ts';
import { startProgram } from '../../support/programs.ts';

const STORAGES: readonly Storage[] = ['simfs', 'zfs-receive-1', 'zfs-root'];

for (const storage of STORAGES) {
  test(`${storage}: transfer makes the guest ready in the new container, before it starts`, async (t) => {
    if (!needs(t, 'root', 'busybox', 'nsenter', 'unshare')) return;
    const migration = await startMigration(t, storage);
    if (!migration) return;
    await readyGuest(migration);
    const planned = await migration.step('transfer', '-n');
    assert.match(
      planned.stdout,
      /\| jq -c \.container \| vz-guest-fix \| ssh \S* ?root@node 'osctl -q ct runscript -r tank:101 -'$/m,
    );
    const moved = await migration.step('transfer');
    assert.equal(moved.code, 0, moved.stderr);
    assert.match(moved.stderr, /root@node: tank:101: guest fix mtab: applied: \/etc\/mtab$/m);
    assert.ok(lstatSync(join(migration.copy, 'etc/mtab')).isSymbolicLink());
    assert.equal(
      readFileSync(join(migration.tree, 'etc/mtab'), 'utf8'),
      MTAB,
      'the old container is as it was',
    );
    assert.equal(migration.state()?.guestFix, 'done');
    assert.deepEqual(
      migration.target
        .log()
        .filter(({ verb }) => verb === 'runscript' || verb === 'start')
        .map(({ verb, what }) => `${verb} ${what}`),
      ['runscript begin', 'runscript end 0', 'start begin', 'start end 0'],
    );
    assert.deepEqual(running(migration), ['target']);
    assertNeverTwice(migration);
  });
}

test('--guest-fix none changes nothing, and says nothing of it', async (t) => {
  if (!needs(t, 'root', 'busybox')) return;
  const migration = await startMigration(t, 'simfs');
  if (!migration) return;
  await readyGuest(migration);
  assert.doesNotMatch((await migration.step('transfer', '-n', '--guest-fix', 'none')).stdout, /guest-fix/);
  const wrong = await migration.step('sync', '--guest-fix', 'none');
  assert.equal(wrong.code, 64);
  const moved = await migration.step('transfer', '--guest-fix', 'none');
  assert.equal(moved.code, 0, moved.stderr);
  assert.doesNotMatch(moved.stderr, /guest fix/);
  assert.equal(readFileSync(join(migration.copy, 'etc/mtab'), 'utf8'), MTAB);
});

test('a guest that cannot run a script starts all the same, with a warning that says how by hand', async (t) => {
  if (!needs(t, 'root', 'busybox', 'nsenter', 'unshare')) return;
  const migration = await startMigration(t, 'simfs');
  if (!migration) return;
  await readyGuest(migration);
  rmSync(join(migration.tree, 'bin/sh'));
  const moved = await migration.step('transfer');
  assert.equal(moved.code, 0, moved.stderr);
  assert.match(
    moved.stderr,
    /warning: root@node: tank:101: the guest fixes were not made: .*; by hand: vz-guest-fix < DOCUMENT \| ssh \S*root@node osctl ct runscript -r tank:101 -$/m,
  );
  assert.deepEqual(running(migration), ['target']);
});

test('killed while the script runs: its container does not pass for one that was started', async (t) => {
  if (!needs(t, 'root', 'busybox', 'nsenter', 'unshare')) return;
  const migration = await startMigration(t, 'simfs');
  if (!migration) return;
  await readyGuest(migration);
  const { tree, target, env, name, stateDir } = migration;
  rmSync(join(tree, 'bin/sh'));
  // Hangs the first time.
  writeFileSync(join(tree, 'bin/sh'), HANGS_ONCE, { mode: 0o755 });
  const program = startProgram('vz-migrate-step', ['transfer', name, '--state-dir', stateDir], env, '');
  const began = (): boolean => target.log().some(({ verb }) => verb === 'runscript');
  for (let tries = 0; !began(); tries += 1) {
    assert.ok(tries < 600 && program.child.exitCode === null, program.said());
    await sleep(100);
  }
  program.child.kill('SIGKILL');
  await program.exit;
  assert.equal(migration.state()?.guestFix, 'running');
  assert.deepEqual(running(migration), ['target'], 'as if it had been started');
  const again = await migration.step('transfer');
  assert.equal(again.code, 0, again.stderr);
  assert.equal(migration.state()?.step, 'transferred');
  const starts = target.log().filter(({ verb, what }) => verb === 'start' && what === 'end 0');
  assert.equal(starts.length, 1, 'it was really started');
  assert.deepEqual(running(migration), ['target']);
  assertNeverTwice(migration);
});

const MTAB = '/dev/simfs / reiserfs rw,usrquota,grpquota 0 0\n';
const HANGS_ONCE = `#!/bin/busybox sh
/bin/busybox mkdir /hung 2>/dev/null && /bin/busybox sleep 1000
exec /bin/busybox sh "$@"
`;

/** A guest with a shell and a file to be fixed, staged. */
async function readyGuest({ tree, stage }: Migration): Promise<void> {
  addBusybox(tree);
  rmSync(join(tree, 'etc/mtab'), { force: true });
  writeFileSync(join(tree, 'etc/mtab'), MTAB);
  const staged = await stage();
  assert.equal(staged.code, 0, staged.stderr);
}
