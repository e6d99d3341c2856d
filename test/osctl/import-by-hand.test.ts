import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runPipe } from '../support/nodes.ts';
import { assertNothingElse, GOOD, setUp } from './import-node.ts';

test('the printed command does it by hand', async (t) => {
  const { node } = setUp(t) ?? {};
  if (!node) return;
  const { env } = node;
  const script = 'ssh root@node "$(osctl-import --print-command)" >&2';
  const result = await runPipe(script, { env, input: GOOD });
  assert.equal(result.code, 0, result.stderr);
  const shown = JSON.parse(node.osctl(['-j', 'ct', 'show', '101']).stdout);
  assert.deepEqual([shown.state, shown.autostart], ['stopped', false]);
  const other = await runPipe(
    'ssh root@node "$(osctl-import --as-id 102 --autostart --print-command node:tank)"',
    {
      env,
      input: GOOD,
    },
  );
  assert.equal(other.code, 0, other.stderr);
  assert.equal(JSON.parse(node.osctl(['-j', 'ct', 'show', '102']).stdout).autostart, true);
  const cut = await runPipe(script, { env, input: GOOD.subarray(0, -1024 - 1024) });
  assert.notEqual(cut.code, 0);
  assert.match(cut.stderr, /the archive is not whole; nothing was imported/);
  assertNothingElse(node, ['101', '102']);
});

test('by hand: what fails is said, with what is there', async (t) => {
  const { node } = setUp(t) ?? {};
  if (!node) return;
  const { env } = node;
  const script = 'ssh root@node "$(osctl-import --print-command)"';
  writeFileSync(join(node.dir, 'fail-at'), 'rootfs');
  const failed = await runPipe(script, { env, input: GOOD });
  assert.notEqual(failed.code, 0);
  assert.match(failed.stderr, /the import of tank:101 failed; this is there now:/);
  assert.match(failed.stdout + failed.stderr, /STATE: +staged/);
});

test('by hand: progress is off, since writing it to a lost link would end osctl half way', async () => {
  const { stdout } = await runPipe('osctl-import --print-command');
  assert.match(stdout, /\nosctl -q --pool "\$pool" ct import /);
  assert.match(stdout, /\|\| osctl -q ct unset autostart /);
});
