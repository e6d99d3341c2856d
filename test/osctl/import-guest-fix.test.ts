import assert from 'node:assert/strict';
import { execFileSync, type SpawnSyncReturns, spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import applyScript from '../../lib/guest/apply.sh';
import { addBusybox } from '../support/busybox-guest.ts';
import { needs } from '../support/needs.ts';
import { runPipe } from '../support/nodes.ts';
import { changedMembers, containerDocument, makeArchive } from './archives.ts';
import { setUp } from './import-node.ts';

for (const direct of ['', '--direct']) {
  test(`osctl-import ${direct} --guest-fix auto: in the guest, before anything starts, and it can be undone`, async (t) => {
    const { node, run } = setUp(t) ?? {};
    if (!node || !run || !needs(t, 'busybox', 'nsenter', 'unshare')) return;
    const result = await run(`${direct} --guest-fix auto`, guestArchive(t));
    assert.equal(result.code, 0, result.stderr);
    const root = join(node.dir, 'tank/ct/101/private');
    assert.ok(lstatSync(join(root, 'etc/mtab')).isSymbolicLink());
    assert.ok(!existsSync(join(root, IFCFG)));
    const { guestFixes, state } = JSON.parse(result.stdout);
    assert.equal(state, 'stopped');
    assert.deepEqual(
      [guestFixes.error, guestFixes.fixes.find(({ id }: { id: string }) => id === 'mtab')],
      [null, { id: 'mtab', outcome: 'applied', what: '/etc/mtab' }],
    );
    assert.match(
      result.stderr,
      /root@node: tank:101: guest fix venet-redhat: applied: \/etc\/sysconfig\S+$/m,
    );
    assert.equal(stateOf(node.osctl(['-j', 'ct', 'show', '101']).stdout), 'stopped');
    assert.deepEqual(verbs(node), ['runscript begin', 'runscript end 0']);
    const undone = await runPipe('vz-guest-fix --undo | ssh root@node osctl ct runscript -r 101 -', {
      env: node.env,
    });
    assert.equal(undone.code, 0, undone.stderr);
    assert.match(undone.stdout, /^end 2 restored, 0 failed$/m);
    assert.equal(readFileSync(join(root, 'etc/mtab'), 'utf8'), 'simfs / simfs rw 0 0\n');
    assert.ok(!existsSync(join(root, '.vz2osctl')));
  });
}

test('a fix that fails is said, the container stays, and the exit code is 69', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run || !needs(t, 'busybox', 'nsenter', 'unshare')) return;
  const outside = join(node.dir, 'outside');
  mkdirSync(outside);
  const result = await run('--guest-fix mtab,venet-redhat', guestArchive(t, { 'etc/sysconfig': outside }));
  assert.equal(result.code, 69);
  assert.match(
    result.stderr,
    /warning: root@node: tank:101: guest fix venet-redhat: failed: \/etc\/sysconfig is a symbolic link$/m,
  );
  assert.match(result.stderr, /guest fix mtab: applied/);
  assert.deepEqual(JSON.parse(result.stdout).guestFixes.error, null);
  assert.equal(stateOf(node.osctl(['-j', 'ct', 'show', '101']).stdout), 'stopped');
});

test('a guest without a shell, or with one that lies or never ends, is imported, and that is said', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run || !needs(t, 'busybox', 'nsenter', 'unshare')) return;
  const shells = [
    [
      null,
      /the guest fixes were not made: osctl ct runscript exited with 127: .*; by hand: vz-guest-fix < DOCUMENT \|/,
    ],
    ['#!/bin/busybox echo\n', /the guest fixes were not made: osctl ct runscript exited with 0/],
    ['#!/bin/busybox cat\nfix mtab applied\nfix x y\nend 1\x1b[2J\n', /guest fix mtab: applied$/m],
  ] as const;
  for (const [index, [shell, said]] of shells.entries()) {
    const result = await run(`--as-id g${index} --guest-fix mtab`, guestArchive(t, {}, shell));
    assert.match(result.stderr, said);
    assert.ok(!result.stderr.includes('\x1b') && !result.stderr.includes('fix x'), result.stderr);
    assert.equal(stateOf(node.osctl(['-j', 'ct', 'show', `g${index}`]).stdout), 'stopped');
  }
});

test('a script that never ends is ended, and its container is stopped; one that runs is left alone', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run || !needs(t, 'busybox', 'nsenter', 'unshare')) return;
  const imported = await run('', guestArchive(t));
  assert.equal(imported.code, 0, imported.stderr);
  const apply = (script: string): SpawnSyncReturns<string> =>
    spawnSync('sh', ['-c', applyScript, 'vz-guest-fix', 'tank:101', '3'], {
      env: node.nodeEnv,
      input: script,
      encoding: 'utf8',
    });
  assert.equal(apply('#!/bin/sh\nwhile :; do sleep 1; done\n').status, 124);
  assert.equal(stateOf(node.osctl(['-j', 'ct', 'show', '101']).stdout), 'stopped');
  mkdirSync(join(node.dir, 'tank/ct/101/private/sbin'));
  writeFileSync(join(node.dir, 'tank/ct/101/private/sbin/init'), '');
  assert.equal(node.osctl(['ct', 'start', '101']).code, 0);
  const refused = apply('#!/bin/sh\nexit 0\n');
  assert.deepEqual([refused.status, refused.stderr], [75, 'it is running, not stopped\n']);
  assert.equal(stateOf(node.osctl(['-j', 'ct', 'show', '101']).stdout), 'running');
});

test('without the flag nothing runs; -n names the fixes; what is none is refused', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const check = await run('-n --guest-fix auto', JSON.stringify(containerDocument()));
  assert.equal(check.code, 0, check.stderr);
  assert.match(check.stderr, /guest fixes: inittab-powerfail, .*, venet-redhat/);
  assert.ok(JSON.parse(check.stdout).guestFixes.includes('mtab'));
  const plain = await run('', guestArchive(t));
  assert.deepEqual([plain.code, JSON.parse(plain.stdout).guestFixes], [0, null]);
  assert.deepEqual(verbs(node), []);
  const wrong = await run('--guest-fix venet', guestArchive(t));
  assert.equal(wrong.code, 64);
  assert.match(wrong.stderr, /--guest-fix: no fix is called "venet"/);
  const both = await run('--print-command --guest-fix auto', '');
  assert.equal(both.code, 64);
});

const IFCFG = 'etc/sysconfig/network-scripts/ifcfg-venet0';

/** An archive of a small CentOS with a shell (null: without), with links in the place of directories. */
function guestArchive(t: TestContext, links: Record<string, string> = {}, shell?: string | null): Buffer {
  const scratch = mkdtempSync(join(tmpdir(), 'vz2osctl-guest-'));
  t.after(() => rmSync(scratch, { recursive: true, force: true }));
  const root = join(scratch, 'root');
  const files = {
    'etc/mtab': 'simfs / simfs rw 0 0\n',
    [IFCFG]: 'DEVICE=venet0\n',
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  for (const [path, to] of Object.entries(links)) {
    rmSync(join(root, path), { recursive: true });
    symlinkSync(to, join(root, path));
  }
  addBusybox(root);
  if (shell !== undefined) {
    rmSync(join(root, 'bin/sh'));
    if (shell !== null) writeFileSync(join(root, 'bin/sh'), shell, { mode: 0o755 });
  }
  const packed = execFileSync('sh', ['-c', 'tar -C "$1" --numeric-owner -c . | gzip', 'sh', root], {
    maxBuffer: 1e8,
  });
  return makeArchive(changedMembers({ 'rootfs/base.tar.gz': packed }));
}

function stateOf(shown: string): unknown {
  return JSON.parse(shown).state;
}

/** What ran in containers. */
function verbs(node: { readonly log: () => { readonly verb: string; readonly what: string }[] }): string[] {
  return node.log().map(({ verb, what }) => `${verb} ${what}`);
}
