import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFaulty } from '../support/faults/faulty.ts';
import { running } from '../support/migrations.ts';
import { showContainer } from '../support/receiver.ts';

for (const storage of ['zfs-receive-1', 'zfs-receive-2'] as const) {
  test(`${storage}: a transfer that dies behind "receive transfer" is known to be done without a root session`, async (t) => {
    const faulty = await startFaulty(t, storage, { to: 'osctl-ct-receive@node --start manual' });
    if (!faulty) return;
    const { migration, step } = faulty;
    const staged = await step('stage');
    assert.equal(staged.code, 0, staged.stderr);
    const effect = { name: 'receive transfer | receive transfer', count: 1, stream: null };
    const dead = await step('transfer', { effect, fault: 'after' });
    assert.equal(dead.code, 137, dead.stderr);
    assert.equal(migration.state()?.step, 'switching');
    const again = await step('transfer');
    assert.equal(again.code, 0, again.stderr);
    assert.deepEqual(running(migration), []);
    assert.equal(showContainer(migration.target, migration.ctid)?.['state'], 'stopped');
  });
}
