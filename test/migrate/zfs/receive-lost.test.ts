import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeSourceSnapshots } from '../../../lib/migrate/zfs/source-snapshots.ts';
import { receiveWay } from '../../../lib/migrate/zfs/ways.ts';
import { differences, fails, type Moving, received, startMoving } from '../../support/moving.ts';
import { showContainer } from '../../support/receiver.ts';

/** A pass that fails so, and the kind of the next one, which does not. */
async function passesWith({ run, source, target }: Moving, lose: string): Promise<string> {
  const file = join(source.mountpoint, 'private/changing');
  writeFileSync(file, lose);
  target.set('lose', lose);
  await assert.rejects(receiveWay.pass(run), fails(75, 'ANSWER_LOST'));
  assert.ok(run.journal.document.sync.datasets.some(({ doubtful }) => doubtful !== null));
  writeFileSync(file, `behind ${lose}`);
  const { how } = await receiveWay.pass(run);
  assert.ok(run.journal.document.sync.datasets.every(({ doubtful }) => doubtful === null));
  assert.equal(run.journal.document.source.snapshots.length, 1);
  return how;
}

test('generation 1 without root: each answer is lost, before and after; nothing is sent twice or lost', async (t) => {
  const moving = await startMoving(t, { children: ['data'], root: false });
  if (!moving) return;
  const { run, target } = moving;
  target.set('lose', 'before skel');
  await assert.rejects(receiveWay.make(run), fails(76, 'OUTCOME_UNKNOWN', /osctl ct show 101/));
  target.set('lose', 'after skel');
  await assert.rejects(receiveWay.make(run), fails(76, 'OUTCOME_UNKNOWN'));
  await assert.rejects(
    receiveWay.make(run),
    fails(76, 'OUTCOME_UNKNOWN', /already exists.*osctl ct del 101/),
  );
  await assert.rejects(receiveWay.discard(run), fails(76, 'OUTCOME_UNKNOWN'));
  assert.equal(target.osctl(['ct', 'del', '101']).code, 0);
  await receiveWay.make(run);

  assert.equal(await passesWith(moving, 'after base'), 'base', 'the other dataset');
  assert.equal(await passesWith(moving, 'before incremental'), 'increment');
  assert.equal(await passesWith(moving, 'after incremental'), 'increment');
  assert.equal(await passesWith(moving, 'eof incremental'), 'increment');
  // Two in a row.
  target.set('lose', 'after incremental');
  await assert.rejects(receiveWay.pass(run), fails(75, 'ANSWER_LOST'));
  assert.equal(await passesWith(moving, 'before incremental'), 'increment');

  const guard = await moving.stopped();
  await (await receiveWay.prepareLast(run)).send(guard);
  target.set('lose', 'after transfer');
  await receiveWay.commit(run);
  assert.equal(showContainer(target)?.['state'], 'stopped');
  assert.deepEqual(received(moving), [], 'osctld has destroyed all that it was told of');
  assert.deepEqual(differences(moving), []);
});

test('generation 2 with root: lost answers are settled by a look; a base that never arrived; cleanup again', async (t) => {
  const moving = await startMoving(t, { generation: 2 });
  if (!moving) return;
  const { run, target } = moving;
  const { journal } = run;
  target.set('lose', 'after skel');
  await receiveWay.make(run);
  assert.equal(journal.document.step, 'staged', 'deleted, and made anew');
  assert.equal(await passesWith(moving, 'before base'), 'base');
  assert.equal(await passesWith(moving, 'after incremental'), 'increment');
  target.set('lose', 'before transfer');
  await receiveWay.commit(run);
  assert.equal(showContainer(target)?.['state'], 'stopped');
  target.set('lose', 'after cleanup');
  await assert.rejects(receiveWay.finish(run), fails(75, 'ANSWER_LOST'));
  await receiveWay.finish(run);
  await removeSourceSnapshots(run);
  assert.deepEqual(moving.source.pool.snapshots(), []);
});

test('a transfer that ends in an internal error although it is complete; one that cannot be had', async (t) => {
  const moving = await startMoving(t, { root: false });
  if (!moving) return;
  const { run, target, source } = moving;
  await receiveWay.make(run);
  await receiveWay.pass(run);
  target.set('osctld-down', '');
  await assert.rejects(receiveWay.commit(run), fails(69, 'COMMIT_FAILED', /osctld is not running/));
  target.set('osctld-down', null);
  for (const name of received(moving)) source.pool.zfs('destroy', `${source.pool.name}/node/ct/101${name}`);
  await receiveWay.commit(run);
  assert.equal(showContainer(target)?.['state'], 'stopped', target.daemonLog());
  assert.match(target.daemonLog(), /could not find any snapshots|dataset does not exist/);
});
