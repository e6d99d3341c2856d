import assert from 'node:assert/strict';
import { test } from 'node:test';
import { letGuardGo } from '../../../lib/export/take-guard.ts';
import type { Run } from '../../../lib/migrate/run.ts';
import { cancel } from '../../../lib/migrate/steps/cancel.ts';
import { goBack } from '../../../lib/migrate/transfer/go-back.ts';
import { receiveWay } from '../../../lib/migrate/zfs/ways.ts';
import { type Moving, startMoving } from '../../support/moving.ts';
import { showContainer } from '../../support/receiver.ts';

const CANCEL = {
  ...{
    maxDowntimeMs: undefined,
    hooksDir: undefined,
    guestFix: null,
    acceptDrift: false,
    deleteSource: false,
    yes: false,
  },
  ...{ confirm: undefined, force: false, dropChanges: false, dryRun: false },
};

for (const root of [true, false]) {
  test(`back from one that was not taken over, ${root ? 'with' : 'without'} a root session; cancel`, async (t) => {
    const moving = await startMoving(t, { root });
    if (!moving) return;
    const { source, target, run } = moving;
    await untilSwitched(moving, run);
    await goBack(run, undefined);
    assert.equal(run.journal.document.step, 'returned');
    assert.match(source.node.status('101'), / running$/);
    assert.notEqual(target.osctl(['ct', 'start', '101']).code, 0);
    await cancel(run, CANCEL);
    assert.equal(showContainer(target, '101'), undefined);
  });
}

/** Stopped for good, all data sent, and the guard let go. */
async function untilSwitched({ stopped, source }: Moving, run: Run): Promise<void> {
  await receiveWay.make(run);
  await receiveWay.pass(run);
  const guard = await stopped();
  assert.ok(await guard.disarm());
  const lockDir = `${source.node.dir}/lock`;
  await letGuardGo(guard, run.source, { ctid: '101', lockDir, limitSeconds: 30, maxDowntimeMs: 0 }, run.io);
  const state = run.journal.document.source;
  await run.journal.save({ step: 'switching', source: { ...state, wasRunning: true, onboot: 'yes' } });
}
