import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Host } from '../../../lib/host/host.ts';
import { runChecked } from '../../../lib/host/run.ts';
import { withDataset } from '../../../lib/migrate/zfs/progress-of-datasets.ts';
import { removeSourceSnapshots } from '../../../lib/migrate/zfs/source-snapshots.ts';
import { rootWay } from '../../../lib/migrate/zfs/ways.ts';
import { differences, fails, lostAt, received, startMoving } from '../../support/moving.ts';
import { showContainer } from '../../support/receiver.ts';

test('root: stage, passes, transfer, back again, and once more; the trees are equal', async (t) => {
  const moving = await startMoving(t, { children: ['data', 'data/a:b_c.d-e'], via: 'root' });
  if (!moving) return;
  const { source, target, run } = moving;
  const { journal } = run;
  const file = join(source.mountpoint, 'private/changing');
  const start = (): string => target.osctl(['ct', 'start', '101']).stderr;
  await rootWay.make(run);
  assert.equal(journal.document.step, 'staged');
  writeFileSync(file, 'first\n');
  assert.equal((await rootWay.pass(run)).how, 'base');
  assert.match(start(), /failed to mount dataset/, 'nothing can start before the commit');
  writeFileSync(file, 'second\n');
  assert.equal((await rootWay.pass(run)).how, 'increment');
  assert.equal(journal.document.source.snapshots.length, 1);

  const guard = await moving.stopped();
  writeFileSync(file, 'at the stop\n');
  await (await rootWay.prepareLast(run)).send(guard);
  assert.ok(await guard.disarm());
  await guard.release();
  await rootWay.commit(run);
  await rootWay.commit(run);
  assert.deepEqual(differences(moving), []);
  for (const name of ['tank/ct/101', 'tank/ct/101/data/a:b_c.d-e']) {
    const maps = ['get', '-H', '-o', 'value', 'canmount,uidmap', name];
    assert.equal(await onTarget(run, maps), 'noauto\n0:1000000:65536\n');
  }
  assert.equal(start(), '');
  await assert.rejects(rootWay.withhold(run), fails(69, 'TARGET_FAILED', /state running, expected stopped/));
  target.osctl(['ct', 'stop', '101']);

  await rootWay.withhold(run);
  await rootWay.withhold(run);
  assert.match(start(), /failed to mount dataset/);
  writeFileSync(file, 'after the way back\n');
  assert.equal((await rootWay.pass(run)).how, 'increment', 'what ran there is rolled back');
  await rootWay.commit(run);
  assert.deepEqual(differences(moving), []);
  await rootWay.finish(run);
  await removeSourceSnapshots(run);
  assert.deepEqual(source.pool.snapshots(), []);
  assert.equal(showContainer(target)?.['vz2osctl:migration'], undefined);
  assert.equal(start(), '');
});

test('root: a link that dies, an answer that was lost, a foreign container, cancel', async (t) => {
  const moving = await startMoving(t, { children: ['data'], via: 'root' });
  if (!moving) return;
  const { source, target, run, again } = moving;
  const { journal } = run;
  assert.ok(run.root);
  await rootWay.make(run);
  const broken = again({ root: lostAt(run.root, 'vz2osctl-pass:') });
  await assert.rejects(rootWay.pass(broken), fails(75, 'ANSWER_LOST'));
  const [doubtful] = journal.document.source.snapshots;
  assert.equal(journal.document.sync.datasets[0]?.doubtful, doubtful);
  assert.equal((await rootWay.pass(run)).how, 'base', 'it had not arrived');
  const arrived = journal.document.source.snapshots.at(-1);
  assert.ok(arrived);
  // As if the answer to the first stream of that pass had been lost.
  const forgotten = { confirmed: null, doubtful: arrived };
  await journal.save({ sync: withDataset(journal.document, '', forgotten) });
  assert.equal((await rootWay.pass(run)).how, 'increment', 'it had arrived');
  assert.equal(journal.document.source.snapshots.length, 1);
  assert.equal(received(moving).filter((name) => name.startsWith('@')).length, 2);

  await rootWay.discard(run);
  await rootWay.discard(run);
  assert.equal(showContainer(target), undefined);
  await removeSourceSnapshots(run);
  assert.deepEqual(
    source.pool.snapshots().filter((name) => !name.includes('/trash/')),
    [],
  );
  const words = ['--skip-image', '--distribution', 'debian', '--version', '7', '--arch', 'x86_64'];
  assert.equal(target.osctl(['ct', 'new', ...words, '101']).code, 0);
  await rootWay.discard(run);
  assert.equal(showContainer(target)?.['state'], 'stopped', "somebody else's stays");
});

async function onTarget({ root }: { readonly root: Host | null }, words: readonly string[]): Promise<string> {
  assert.ok(root);
  return runChecked(root, ['zfs', ...words]);
}
