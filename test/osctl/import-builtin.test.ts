import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { changedMembers, makeArchive } from './archives.ts';
import { assertNothingElse, GOOD, setUp } from './import-node.ts';

const portOf = (config: string): number => Number(/Port (\d+)/.exec(readFileSync(config, 'utf8'))?.[1]);

test('the built-in client imports as well, over one connection', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const logins = (): number =>
    readFileSync(join(node.dir, 'sshd.log'), 'utf8').match(/Accepted/g)?.length ?? 0;
  const before = logins();
  const result = await run('--ssh builtin', GOOD);
  assert.equal(result.code, 0, result.stderr);
  const { host, id, state, bytes } = JSON.parse(result.stdout);
  assert.deepEqual([host, id, state, bytes], ['root@node', '101', 'stopped', GOOD.length]);
  assertNothingElse(node, ['101']);
  assert.equal(logins() - before, 1);
  assert.equal((await run('--ssh builtin', GOOD)).code, 78, 'the id is taken');
});

test('the built-in client: a bad or cut-off archive leaves nothing on the node', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  for (const input of [GOOD.subarray(0, 3000), makeArchive(changedMembers({ 'metadata.yml': undefined }))]) {
    const result = await run('--ssh builtin', input);
    assert.equal(result.code, 65, result.stderr);
    assertNothingElse(node);
  }
});

for (const [what, title] of [
  ['cut', 'breaks'],
  ['silence', 'goes silent'],
] as const) {
  test(`the built-in client: a link that ${title} while the archive flows: nothing is imported, a repeat is safe`, async (t) => {
    const { node } = setUp(t) ?? {};
    if (!node) return;
    const proxy = await startTcpProxy(t, portOf(node.sshConfig));
    const options = ['--ssh-option', `Port=${proxy.port}`, '--ssh-option', 'ServerAliveInterval=1'];
    const child = spawn('dist/bin/osctl-import', ['--ssh', 'builtin', ...options, 'root@node'], {
      env: node.env,
    });
    const exit = once(child, 'exit');
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    // The input stays open, and no more comes: what ends the program is the end of its link alone.
    child.stdin.on('error', () => {});
    child.stdin.write(GOOD.subarray(0, 5000));
    for (let tries = 0; !said.includes('importing'); tries += 1) {
      assert.ok(tries < 400 && child.exitCode === null, said);
      await sleep(50);
    }
    await sleep(300);
    proxy[what]();
    assert.deepEqual(await exit, [75, null], said);
    proxy.cut();
    await sleep(1000);
    assertNothingElse(node);
  });
}
