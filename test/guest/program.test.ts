import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FIXES } from '../../lib/guest/table.ts';
import { needs } from '../support/needs.ts';
import { runPipe } from '../support/run-pipe.ts';
import { sampleDocument } from '../support/sample-document.ts';
import { makeTree, runScript } from './guest-tree.ts';

const DOCUMENT = `${JSON.stringify(sampleDocument())}\n`;

test('the script of a document holds the fixes for its distribution, and runs as it is', async (t) => {
  const { code, stdout, stderr } = await runPipe('vz-guest-fix --skip mtab', { input: DOCUMENT });
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^#!\/bin\/sh\n# Makes the guest of container 101 ready/);
  assert.match(stdout, /^apply venet-ifupdown$/m);
  assert.doesNotMatch(stdout, /venet-redhat/);
  const root = makeTree(t, {
    'etc/mtab': 'x\n',
    'etc/network/interfaces': 'auto venet0\n',
    'sbin/ifup': '',
    'bin/ip': '',
  });
  const outcome = runScript(stdout, [root]);
  assert.equal(outcome.code, 0);
  assert.match(outcome.stdout, /^fix mtab skipped$/m);
  assert.equal(readFileSync(join(root, 'etc/mtab'), 'utf8'), 'x\n');
  assert.equal(readFileSync(join(root, 'etc/network/interfaces'), 'utf8'), '');
  const undo = await runPipe('vz-guest-fix --undo');
  assert.equal(runScript(undo.stdout, [root]).code, 0);
  assert.equal(readFileSync(join(root, 'etc/network/interfaces'), 'utf8'), 'auto venet0\n');
});

test('shellcheck has nothing to say about a script with every fix, nor about undo', async (t) => {
  if (!needs(t, 'shellcheck')) return;
  const every = FIXES.map(({ id }) => id).join(',');
  for (const flags of [`--only ${every}`, '--undo']) {
    const { stdout } = await runPipe(`vz-guest-fix ${flags}`, { input: DOCUMENT });
    const severity = '--severity=warning';
    const { stdout: said } = spawnSync('shellcheck', [severity, '--exclude=SC2034', '-'], {
      input: stdout,
      encoding: 'utf8',
    });
    assert.equal(said, '');
  }
});

test('without a tree it runs inside of a container only', async (t) => {
  if (!needs(t, 'root', 'unshare')) return;
  const { stdout } = await runPipe('vz-guest-fix --only nixos-init', { input: DOCUMENT });
  for (const args of [[], [''], ['/no/such/tree'], ['/', '/']]) {
    const refused = runScript(stdout, args);
    assert.equal(refused.code, 64, args.join(' '));
    assert.match(refused.stderr, /usage: sh SCRIPT ROOT/);
    assert.equal(refused.stdout, '');
  }
  const inside = runScript(stdout, [], ['unshare', '--user', '--map-root-user', 'sh']);
  assert.equal(
    inside.stdout,
    'fix nixos-init not-needed\nend 0 applied, 0 already, 1 not-needed, 0 skipped, 0 failed\n',
  );
});

test('in a chroot the guest has its own shell, and is its own root', async (t) => {
  if (!needs(t, 'root', 'busybox', 'chroot')) return;
  const root = makeTree(t, { 'etc/mtab': 'x\n', 'bin/x': '' });
  writeFileSync(join(root, 'bin/busybox'), readFileSync('/bin/busybox'), { mode: 0o755 });
  const install = spawnSync('chroot', [root, '/bin/busybox', '--install', '-s', '/bin']);
  assert.equal(install.status, 0, install.stderr.toString());
  const { stdout } = await runPipe('vz-guest-fix --only mtab', { input: DOCUMENT });
  const bare = runScript(stdout, ['/'], ['chroot', root, '/bin/sh']);
  assert.deepEqual([bare.code, bare.stderr], [69, 'there is no /dev/null here\n']);
  mkdirSync(join(root, 'dev'));
  execFileSync('mknod', [join(root, 'dev/null'), 'c', '1', '3']);
  const outcome = runScript(stdout, ['/'], ['chroot', root, '/bin/sh']);
  assert.equal(outcome.code, 0, outcome.stderr);
  assert.deepEqual(outcome.fixes, [['mtab', 'applied', '/etc/mtab']]);
});

test('--list shows every fix, or those for a document', async () => {
  const all = await runPipe('vz-guest-fix --list < /dev/null');
  assert.equal(all.stdout.match(/^ {2}why /gm)?.length, FIXES.length);
  const some = await runPipe('vz-guest-fix --list --skip mtab', { input: DOCUMENT });
  assert.match(some.stdout, /^mtab \(skipped\)\n {2}for {7}any\n/m);
  assert.doesNotMatch(some.stdout, /^venet-redhat/m);
});

const REFUSED: readonly (readonly [string, string, number, RegExp])[] = [
  ['--only mtap', DOCUMENT, 64, /--only: no fix is called "mtap"; did you mean mtab\?/],
  ['--skip "x y,"', DOCUMENT, 64, /no fix is called "x y"; vz-guest-fix --list shows them all/],
  ['--undo --only mtab', '', 64, /--undo takes everything back/],
  ['', DOCUMENT + DOCUMENT, 64, /line 2: a second document/],
  ['', '', 65, /stdin: empty, expected a document of kind osctl-container/],
  ['', '{"kind":"vz-config"}\n', 65, /expected osctl-container/],
  ['', 'x\n', 65, /line 1: not JSON/],
];

for (const [flags, input, expected, said] of REFUSED) {
  test(`vz-guest-fix ${flags} < ${JSON.stringify(input.slice(0, 30))} is refused with ${expected}`, async () => {
    const { code, stdout, stderr } = await runPipe(`vz-guest-fix ${flags}`, { input });
    assert.deepEqual([code, stdout], [expected, '']);
    assert.match(stderr, said);
  });
}

test('an earlier stage that failed is passed on by its exit code', async () => {
  const error = {
    kind: 'vz-error',
    schema: 1,
    program: 'vz-to-osctl',
    ctid: '101',
    code: 'X',
    exit: 66,
    message: 'gone',
  };
  const { code, stdout } = await runPipe('vz-guest-fix', { input: `${JSON.stringify(error)}\n` });
  assert.equal(stdout, '');
  assert.equal(code, 66);
});
