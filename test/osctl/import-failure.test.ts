import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { type PipeResult, runPipe } from '../support/nodes.ts';
import { GOOD, setUp, wrapSsh } from './import-node.ts';

test('a failed import is told with what it left, and the commands remove it', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const faultSwitch = join(node.dir, 'fail-at');
  for (const [step, newer, left] of [
    ['rootfs', false, 'container tank:101 in state staged, dataset tank/ct/101, user 101'],
    ['datasets', false, 'container tank:101 in state staged, user 101'],
    ['hooks', false, 'container tank:101 in state staged, dataset tank/ct/101, user 101'],
    ['rootfs', true, ''],
  ] as const) {
    writeFileSync(faultSwitch, step);
    if (newer) writeFileSync(join(node.dir, 'newer'), '');
    const result: PipeResult = await run('', GOOD);
    assert.equal(result.code, 69, result.stderr);
    assert.match(result.stderr, /osctl ct import failed: internal error/);
    const hint = /left on the node: (.*); remove it there with: (.*?); (a restart|the reason)/.exec(
      result.stderr,
    );
    assert.equal(hint?.[1] ?? '', left);
    if (hint?.[2]) {
      const env = { ...node.env, VPSADMINOS_STANDIN: node.dir };
      const restart = resolve('test/support/vpsadminos-node/bin/osctld-restart');
      const commands = hint[2].replace('sv restart osctld', `VPSADMINOS_STANDIN=${node.dir} ${restart}`);
      const removal = await runPipe(`ssh root@node '${commands}'`, { env });
      assert.equal(removal.code, 0, removal.stderr);
    } else {
      assert.match(result.stderr, /nothing is left on the node/);
    }
    rmSync(faultSwitch);
    rmSync(join(node.dir, 'newer'), { force: true });
  }
  assert.equal((await run('', GOOD)).code, 0);
});

test('somebody else took the id after the check: nothing of it is offered for removal', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const osctl = `VPSADMINOS_STANDIN=${node.dir} ${resolve('test/support/vpsadminos-node/bin/osctl')}`;
  const create = `${osctl} -q ct new --skip-image --distribution debian --version 7 --arch x86_64 101 >/dev/null`;
  const result = await run('', GOOD, wrapSsh(t, node, `${create}; exec "$real" "$@"`));
  assert.equal(result.code, 78, result.stderr);
  assert.match(result.stderr, /101 is somebody else's since the check; nothing of it is ours to remove/);
  assert.doesNotMatch(result.stderr, /destroy|user del|ct del|restart/);
  assert.equal(node.osctl(['ct', 'show', 'tank:101']).code, 0);
});
