import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRunning, killGuards, setUp } from '../support/guards.ts';

test('a guard that is long at work on what a dead one left is not taken for lost', async (t) => {
  const { node, lockDir, start } = setUp(t);
  const first = await start({ limitSeconds: 1 });
  await first.undo('sleep 4');
  await killGuards(lockDir);
  await first.release();
  const guard = await start({ limitSeconds: 1 });
  assert.equal(guard.lost.aborted, false);
  await guard.stop();
  assert.equal(isRunning(node), false);
  await guard.startAgain();
  assert.equal(guard.lost.aborted, false);
  await guard.release();
});
