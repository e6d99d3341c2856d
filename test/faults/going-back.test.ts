import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertPristine, assertSound } from '../support/faults/checks.ts';
import { startFaulty } from '../support/faults/faulty.ts';
import { running } from '../support/migrations.ts';

test('a target that does not start, and keeps its autostart, goes back all the same', async (t) => {
  const faulty = await startFaulty(t, 'simfs');
  if (!faulty) return;
  const { migration, step } = faulty;
  const staged = await step('stage');
  assert.equal(staged.code, 0, staged.stderr);
  migration.target.set('start-fails', '1');
  const command = `osctl -q ct unset autostart tank:${migration.ctid}`;
  const effect = { name: `osctl ct unset autostart | ${command}`, count: 1, stream: null };
  const back = await step('transfer', { effect, fault: 'fails' });
  assert.equal(back.code, 69, back.stderr);
  assert.match(back.stderr, /unset autostart: internal error.*runs on the old one again/s);
  assert.deepEqual(running(migration), ['source']);
  assertSound(faulty);
  assert.equal((await step('cancel')).code, 0);
  assertPristine(faulty);
});
