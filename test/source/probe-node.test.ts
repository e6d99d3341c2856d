import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runPipe, startOpenVzNode } from '../support/nodes.ts';

test('--probe prints what a node has and can do, and goes on past one that cannot be reached', async (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const bin = join(node.dir, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'pveversion'), '#!/bin/sh\necho pve-manager/3.4-16/40ccc11c\n', { mode: 0o755 });
  const env = { ...node.env, PATH: `${bin}:${node.env['PATH']}` };
  const here = await runPipe([`vz-parse-config --probe --conf-dir '${node.confDir}'`], { env });
  assert.equal(here.code, 0, here.stderr);
  const { kind, host, kernel, programs, proxmox, lockDir, free } = JSON.parse(here.stdout);
  assert.deepEqual([kind, host, lockDir], ['vz-node', null, join(node.dir, 'lock')]);
  assert.match(kernel, /^\d+\./);
  assert.match(programs.vzctl, /^\d+\.\d+/);
  assert.equal(proxmox, '3.4-16/40ccc11c');
  const room = free.find(({ path }: { path: string }) => path === '/tmp');
  assert.ok(BigInt(room.bytes) > 2n ** 20n, JSON.stringify(free));

  const far = 'ssh://root@127.0.0.1:1';
  const some = await runPipe([`vz-parse-config --probe --ssh builtin ${far} ${far}`], { env });
  assert.equal(some.code, 69, some.stderr);
  assert.equal(some.stdout, '');
  assert.equal(some.stderr.trimEnd().split('\n').length, 2, some.stderr);
});

test('--probe: flags that say something of containers: 64', async () => {
  for (const flag of ['--all', '--ctid 1', '--facts deep', '--strict', 'root@node:101 --pretty']) {
    const result = await runPipe([`vz-parse-config --probe ${flag}`]);
    assert.equal(result.code, 64, flag);
  }
  assert.equal((await runPipe(['vz-parse-config --probe ssh://node/101'])).code, 64);
});
