import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type HandMadeArchive, makeArchive } from './hand-made-archive.ts';
import { needs } from './needs.ts';
import { type CommandResult, startVpsAdminOsNode, type VpsAdminOsNode } from './nodes.ts';

const INTERNAL = 'error: internal error\n';

const GHOSTS: Record<string, HandMadeArchive> = {
  'no datasets in the metadata': { metadata: { datasets: null } },
  'a dataset without its parent': { metadata: { datasets: ['var/lib'] } },
  'no payload': { members: { 'rootfs/base.tar.gz': null } },
  'an unknown format': { metadata: { format: 'cpio' } },
  'a payload that is no gzip': { members: { 'rootfs/base.tar.gz': 'no gzip' } },
  'a device that the group does not have': {
    config: { devices: [{ type: 'char', major: '10', minor: '229', mode: 'rwm' }] },
  },
};

test('what fails after the container is registered leaves a ghost', (t) => {
  for (const [name, archive] of Object.entries(GHOSTS)) {
    const node = startNode(t);
    if (!node) return;
    const path = makeArchive(t, archive);
    const failed = node.osctl(['-q', 'ct', 'import', path]);
    assert.equal(failed.code, 1, name);
    assert.match(
      failed.stderr,
      archive.config
        ? /^error: device 'c 10:229 rwm' not available in group 'tank:\/default'$/m
        : /^error: internal error$/m,
    );
    expectGhost(node, name);
  }
});

test('a truncated gzip leaves a ghost, which only a restart gets rid of', (t) => {
  const node = startNode(t);
  if (!node) return;
  const good = makeArchive(t);
  const payload = execFileSync('tar', ['-xOf', good, 'rootfs/base.tar.gz']);
  const cut = makeArchive(t, { members: { 'rootfs/base.tar.gz': payload.subarray(0, payload.length - 20) } });
  assert.equal(node.osctl(['-q', 'ct', 'import', cut]).stderr, INTERNAL);
  assert.match(node.daemonLog(), /failed to unpack rootfs: command '.*' exited with 2/);
  expectGhost(node, 'truncated');
  node.restart();
  assert.equal(node.osctl(['ct', 'show', '101']).stderr, 'error: container not found\n');
  // What is left: the user, and a dataset that the next import takes as it is.
  assert.equal(node.osctl(['user', 'del', '101']).code, 0);
  assert.equal(node.osctl(['ct', 'import', good]).code, 0);
});

test('an import goes on when its client is killed', async (t) => {
  const node = startNode(t);
  if (!node) return;
  node.set('import-seconds', '1');
  const script = `osctl ct import "$1" & until [ -e "$VPSADMINOS_STANDIN/run/ct/101" ]; do sleep 0.05; done; kill -9 $!`;
  execFileSync('sh', ['-c', script, 'sh', makeArchive(t)], { env: node.nodeEnv, stdio: 'ignore' });
  assert.equal(show(node)['state'], 'staged');
  for (let tries = 0; tries < 100 && show(node)['state'] === 'staged'; tries++) await sleep(100);
  assert.equal(show(node)['state'], 'stopped', node.daemonLog());
});

test('the newer dialect cleans up after a failure', (t) => {
  const node = startNode(t);
  if (!node) return;
  node.set('newer', '');
  node.set('fail-at', 'rootfs');
  assert.equal(node.osctl(['-q', 'ct', 'import', makeArchive(t)]).stderr, INTERNAL);
  assert.equal(node.osctl(['ct', 'show', '101']).stderr, 'error: container not found\n');
  assert.ok(!existsSync(join(node.dir, 'tank/ct/101')));
});

function startNode(t: TestContext): VpsAdminOsNode | undefined {
  return needs(t, 'ruby', 'sshd', 'ssh') ? startVpsAdminOsNode(t) : undefined;
}

function show(node: VpsAdminOsNode, id = '101'): Record<string, unknown> {
  return JSON.parse(node.osctl(['-j', 'ct', 'show', id]).stdout);
}

function expectGhost(node: VpsAdminOsNode, why: string): void {
  assert.equal(show(node)['state'], 'staged', why);
  const expectError = (result: CommandResult, message: string): void =>
    assert.deepEqual([result.code, result.stderr], [1, message], why);
  expectError(node.osctl(['ct', 'start', '101']), 'error: start not available\n');
  expectError(node.osctl(['-q', 'ct', 'del', '101']), INTERNAL);
  assert.equal(show(node)['state'], 'staged', why);
}
