import assert from 'node:assert/strict';
import { chownSync, existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { filesWay } from '../../../lib/migrate/files/way.ts';
import { differences, mapsOf, replaceOnNode, startMoving, stopAndSend } from './setup.ts';

const NEW = ['ct', 'new', '--skip-image', '--distribution', 'x', '--version', '1', '--arch', 'x86', '101'];

test("somebody else's container is neither taken for ours nor deleted", async (t) => {
  const moving = await startMoving(t, { plain: true });
  if (!moving) return;
  const { run, target, journal } = moving;
  target.osctl(NEW);
  writeFileSync(join(target.dir, 'tank.available'), '1000');
  await assert.rejects(filesWay.make(run), {
    exit: 78,
    message: /container tank:101 exists already.*; about .* are needed for the data, pool tank has 1000 B/,
    hint: 'nothing was made',
  });
  await filesWay.discard(run);
  assert.match(moving.said(), /warning: root@node: tank:101 is not of this migration, and stays/);
  target.osctl(['ct', 'del', '101']);
  writeFileSync(join(target.dir, 'tank.available'), '100000000000');
  await filesWay.make(run);
  target.osctl(['ct', 'del', '101']);
  target.osctl(NEW);
  await filesWay.discard(run);
  await assert.rejects(filesWay.commit(run), {
    exit: 69,
    message: /tank:101 is not the container of this migration/,
  });
  assert.equal(target.osctl(['ct', 'ls', '-H', '-o', 'id']).stdout, '101\n');
  assert.equal(journal.document.step, 'staged');
});

test('a step that fails undoes what was made before', async (t) => {
  const moving = await startMoving(t, {
    plain: true,
    change: (document) => ({
      ...document,
      user: { name: 'web', uidMap: ['0:2000000:65536'], gidMap: ['0:2000000:65536'] },
    }),
  });
  if (!moving) return;
  const { run, target } = moving;
  for (const step of ['new', 'config']) {
    writeFileSync(join(target.dir, 'fail-at'), step);
    await assert.rejects(filesWay.make(run), {
      exit: 69,
      message: new RegExp(`osctl ct ${step}.*: internal error`),
    });
    assert.equal(target.osctl(['user', 'ls', '-H', '-o', 'name']).stdout, '', step);
    assert.equal(target.osctl(['ct', 'ls', '-H', '-o', 'id']).stdout, '', step);
  }
});

test('ids that the target cannot hold are refused before anything is sent', async (t) => {
  const moving = await startMoving(t, { plain: true });
  if (!moving) return;
  const { run, source, incoming } = moving;
  await filesWay.make(run);
  chownSync(join(source.privatePath, 'etc/hostname'), 70_000, 0);
  await assert.rejects(filesWay.pass(run), { exit: 78, code: 'FOREIGN_IDS' });
  assert.equal(existsSync(incoming), false);
});

test('a container that is mapped when it is mounted stays so', async (t) => {
  const moving = await startMoving(t, { plain: true });
  if (!moving) return;
  const { run, target, journal } = moving;
  replaceOnNode(
    moving,
    'osctl',
    `case "$*" in "-j ct show"*) said=$("$real" "$@") || exit; echo "$said" | sed 's/^{/{"map_mode": "native",/' ;; *) exec "$real" "$@" ;; esac`,
  );
  replaceOnNode(
    moving,
    'zfs',
    `case $1 in umount) exit 1 ;; esac; said=$("$real" "$@") || exit; echo "$said" | sed 's/^0:[0-9]*:65536$/none/'`,
  );
  await filesWay.make(run);
  const config: unknown = JSON.parse(readFileSync(join(target.dir, 'tank/conf/ct/101.yml'), 'utf8'));
  assert.deepEqual(Reflect.get(Object(config), 'map_mode'), 'native');
  await filesWay.pass(run);
  assert.equal(journal.document.target?.maps, null);
  // Of the stand-in itself.
  assert.match(mapsOf(moving)[0] ?? '', /^0:/);
});

test('a file that was written twice in one second, to the same length, is not taken for the same', async (t) => {
  const moving = await startMoving(t, { plain: true });
  if (!moving) return;
  const { run, source, incoming } = moving;
  await filesWay.make(run);
  const file = join(source.privatePath, 'etc/racy');
  // As if the pass were that fast.
  const mtime = new Date(Date.now() + 60_000);
  writeFileSync(file, 'one');
  utimesSync(file, mtime, mtime);
  await filesWay.pass(run);
  writeFileSync(file, 'two');
  utimesSync(file, mtime, mtime);
  await filesWay.pass(run);
  assert.equal(readFileSync(join(incoming, 'etc/racy'), 'utf8'), 'two');
  await stopAndSend(moving);
  assert.deepEqual(differences(source.privatePath, incoming), []);
});

test('an old rsync on the new node gets what it understands', async (t) => {
  const moving = await startMoving(t, { plain: true });
  if (!moving) return;
  const { run, source, incoming } = moving;
  replaceOnNode(
    moving,
    'rsync',
    `[ "$1" = --version ] && { echo 'rsync  version 3.0.6  protocol version 30'; exit 0; }; exec "$real" "$@"`,
  );
  await filesWay.make(run);
  await filesWay.pass(run);
  writeFileSync(join(source.privatePath, 'etc/later'), 'later');
  await filesWay.pass(run);
  assert.match(moving.said(), /-lHogDtpXrxSe\.iL /);
  await stopAndSend(moving);
  assert.deepEqual(differences(source.privatePath, incoming), []);
});
