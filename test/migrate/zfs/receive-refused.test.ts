import assert from 'node:assert/strict';
import { test } from 'node:test';
import { removeDead } from '../../../lib/export/dead-snapshots.ts';
import { removeSourceSnapshots } from '../../../lib/migrate/zfs/source-snapshots.ts';
import { receiveWay } from '../../../lib/migrate/zfs/ways.ts';
import { differences, fails, hostWithZfs, received, startMoving } from '../../support/moving.ts';
import { showContainer } from '../../support/receiver.ts';
import { wrappedZfs } from '../../support/zfs-bundles.ts';

const NEW = ['--skip-image', '--distribution', 'debian', '--version', '7', '--arch', 'x86_64', '101'];

test('what the node refuses at stage, and what has changed since', async (t) => {
  const moving = await startMoving(t, { children: ['data'], root: false });
  if (!moving) return;
  const { run, again, target, source } = moving;
  const { pool, dataset } = source;
  const options = { ...run.options, passphrase: 'wrong' };
  await assert.rejects(receiveWay.make(again({ options })), fails(77, 'RECEIVE_KEY', /authorized-keys/));
  target.set('osctld-down', '');
  await assert.rejects(receiveWay.make(run), fails(75, 'OSCTLD_DOWN'));
  target.set('osctld-down', null);
  target.set('newer', '3');
  await assert.rejects(receiveWay.make(run), fails(69, 'PROTOCOL', /unsupported/));
  target.set('newer', null);
  target.set('pool-disabled', '');
  await assert.rejects(receiveWay.make(run), fails(75, 'POOL_DISABLED'));
  target.set('pool-disabled', null);
  assert.equal(target.osctl(['ct', 'new', ...NEW]).code, 0);
  await assert.rejects(receiveWay.make(run), fails(78, 'ID_TAKEN', /osctl ct del/));
  await receiveWay.discard(run);
  assert.equal(showContainer(target)?.['state'], 'stopped', "somebody else's stays");
  target.osctl(['ct', 'del', '101']);

  await receiveWay.make(run);
  await assert.rejects(receiveWay.commit(run), fails(69, 'COMMIT_FAILED', /not whole/));
  pool.zfs('create', '-o', 'canmount=off', `${dataset}/late`);
  await assert.rejects(receiveWay.pass(run), fails(78, 'NEW_DATASET', /late/));
  pool.zfs('destroy', `${dataset}/late`);
  await receiveWay.pass(run);
  const [name] = run.journal.document.source.snapshots;
  assert.throws(() => pool.zfs('destroy', '-r', `${dataset}@${name}`), 'a job that destroys old ones cannot');
  await removeDead(run.source, { ctid: '101', dataset }, run.io);
  assert.equal(pool.holds().length, 2, 'no export takes it for its own');
  pool.zfs('release', 'vz2osctl', `${dataset}/data@${name}`);
  pool.zfs('destroy', '-r', '-f', `${dataset}/data`);
  await assert.rejects(receiveWay.pass(run), fails(74, 'DATASET_VANISHED', /data/));

  target.set('lose', 'after cancel');
  await assert.rejects(receiveWay.discard(run), fails(75, 'ANSWER_LOST'));
  await receiveWay.discard(run);
  assert.equal(showContainer(target), undefined);
  await removeSourceSnapshots(run);
  await removeSourceSnapshots(run);
  assert.deepEqual(pool.holds(), []);
});

test('a stream that is cut or damaged does not arrive; a limited pass takes its time; root proves a cancel', async (t) => {
  const moving = await startMoving(t, { generation: 2 });
  if (!moving) return;
  const { run, again, target, source } = moving;
  await receiveWay.make(run);
  const zfs = (line: string) => again({ source: hostWithZfs(source, wrappedZfs(t, line)) });
  const cut = zfs('/usr/sbin/zfs "$@" | head -c 5000; exit 0');
  await assert.rejects(receiveWay.pass(cut), fails(65, 'STREAM_CUT'));
  const damaged = zfs(
    `/usr/sbin/zfs "$@" | { head -c 1000; head -c 1 >/dev/null; printf '\\377'; cat; }; exit 0`,
  );
  await assert.rejects(receiveWay.pass(damaged), fails(65, 'STREAM_CHECKSUM'));
  const dead = zfs('/usr/sbin/zfs "$@" | head -c 5000; echo "internal error" >&2; exit 1');
  await assert.rejects(receiveWay.pass(dead), fails(74, 'SEND_FAILED', /internal error/));
  assert.deepEqual(received(moving), []);
  const options = { ...run.options, bytesPerSecond: 500_000 };
  const pass = await receiveWay.pass(again({ options }));
  assert.equal(pass.how, 'base');
  assert.ok(pass.ms >= Number(pass.bytes) / 500, `${pass.bytes} in ${pass.ms}`);
  assert.deepEqual(run.journal.document.source.snapshots.length, 1);

  await receiveWay.commit(run);
  assert.deepEqual(differences(moving), []);
  target.osctl(['ct', 'start', '101']);
  await assert.rejects(receiveWay.withhold(run), fails(69, 'TARGET_FAILED'));
  target.osctl(['ct', 'stop', '101']);
  await receiveWay.withhold(run);
  assert.match(target.osctl(['ct', 'start', '101']).stderr, /failed to mount dataset/);
  await receiveWay.discard(run);
  assert.equal(showContainer(target), undefined);
});
