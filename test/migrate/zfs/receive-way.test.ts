import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeSourceSnapshots } from '../../../lib/migrate/zfs/source-snapshots.ts';
import { receiveWay } from '../../../lib/migrate/zfs/ways.ts';
import { differences, startMoving } from '../../support/moving.ts';
import { showContainer } from '../../support/receiver.ts';

for (const generation of [1, 2] as const) {
  for (const root of [true, false]) {
    test(`generation ${generation}, ${root ? 'with' : 'without'} root: stage, passes, last pass, transfer; the trees are equal`, async (t) => {
      const moving = await startMoving(t, { children: ['data', 'data/a:b_c.d-e'], generation, root });
      if (!moving) return;
      const { source, target, run } = moving;
      const { journal } = run;
      const file = join(source.mountpoint, 'private/changing');
      const child = join(source.mountpoint, 'data/private/changing');

      await receiveWay.make(run);
      assert.equal(journal.document.step, 'staged');
      assert.match(journal.document.target?.token ?? '', /^[0-9a-f]{40}$/);
      assert.equal(journal.document.target?.protocol, generation);
      assert.equal(journal.document.target?.dataset, root ? 'tank/ct/101' : '-/ct/101');
      assert.deepEqual(
        journal.document.sync.datasets.map(({ name }) => name),
        ['', 'data', 'data/a:b_c.d-e'],
      );
      const shown = showContainer(target);
      assert.equal(shown?.['state'], 'staged');
      assert.equal(shown?.['vz2osctl:migration'], journal.document.id);

      writeFileSync(file, 'first\n');
      const base = await receiveWay.pass(run);
      assert.equal(base.how, 'base');
      assert.ok(Number(base.bytes) > 100_000 && base.walkMs <= base.ms);
      writeFileSync(file, 'second\n');
      writeFileSync(child, 'second\n');
      mkdirSync(join(source.mountpoint, 'private/new'));
      const increment = await receiveWay.pass(run);
      assert.equal(increment.how, 'increment');
      assert.equal(journal.document.source.snapshots.length, 1, 'only the newest is kept');
      assert.equal(source.pool.holds().length, 3);

      const predicted = await receiveWay.predict(run);
      assert.ok(predicted.walkMs > 0 && Number.isFinite(predicted.dataMs));
      writeFileSync(child, 'third\n');
      const guard = await moving.stopped();
      rmSync(file);
      writeFileSync(join(source.mountpoint, 'private/at-the-stop'), 'stopped\n');
      await (await receiveWay.prepareLast(run)).send(guard);
      assert.equal(journal.document.sync.passes.length, 3);
      assert.ok(await guard.disarm());

      await receiveWay.commit(run);
      assert.equal(showContainer(target)?.['state'], 'stopped', target.daemonLog());
      assert.deepEqual(differences(moving), []);

      await receiveWay.finish(run);
      await receiveWay.finish(run);
      await removeSourceSnapshots(run);
      assert.deepEqual(source.pool.snapshots(), []);
      if (root) assert.equal(showContainer(target)?.['vz2osctl:migration'], undefined);
      assert.deepEqual(journal.document.source.snapshots, []);
      assert.equal(target.osctl(['ct', 'start', '101']).code, 0);
    });
  }
}
