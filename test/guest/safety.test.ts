import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { needs } from '../support/needs.ts';
import { contents, FULL, INITTAB, makeOutside } from './full-tree.ts';
import { describeTree, makeTree, runFixes, runUndo } from './guest-tree.ts';

test('links that are swapped while it runs lead nowhere outside', async (t) => {
  const root = makeTree(t, { ...FULL, 'etc/init/rc.conf': '', 'etc/init/tty1.conf': 'exec getty\n' });
  const outside = makeOutside(root, { 'etc/inittab': INITTAB, 'etc/init/tty1.conf': 'exec getty tty1\n' });
  const before = describeTree(outside);
  const swap = 'while :; do mv etc away && ln -s ../outside/etc etc; rm etc; mv away etc; done';
  const swapper = spawn('sh', ['-c', swap], { cwd: root, stdio: 'ignore', detached: true });
  try {
    for (let run = 0; run < 15; run += 1) {
      runFixes(root);
      assert.equal(describeTree(outside), before);
      runUndo(root);
      assert.equal(describeTree(outside), before);
    }
  } finally {
    if (swapper.pid !== undefined) process.kill(-swapper.pid, 'SIGKILL');
  }
});

test('files keep owner and mode, and other names of a file keep its old content', (t) => {
  if (!needs(t, 'root')) return;
  const root = makeTree(t, FULL);
  const inittab = join(root, 'etc/inittab');
  chmodSync(inittab, 0o440);
  execFileSync('chown', ['12:34', inittab]);
  linkSync(inittab, join(root, 'etc/other'));
  assert.equal(runFixes(root).code, 0);
  const { mode, uid, gid } = statSync(inittab);
  assert.deepEqual([mode & 0o7777, uid, gid], [0o440, 12, 34]);
  assert.notEqual(readFileSync(inittab, 'utf8'), INITTAB);
  assert.equal(readFileSync(join(root, 'etc/other'), 'utf8'), INITTAB);
});

test('undo leaves what somebody has changed since, and keeps what it was', (t) => {
  const root = makeTree(t, { ...FULL, 'lib/systemd/systemd': '', 'var/log/x': '' });
  assert.equal(runFixes(root).code, 0);
  writeFileSync(join(root, 'etc/inittab'), 'mine\n');
  writeFileSync(join(root, 'var/log/journal/mine'), 'mine\n');
  const outcome = runUndo(root);
  assert.equal(outcome.code, 1);
  assert.equal(readFileSync(join(root, 'etc/inittab'), 'utf8'), 'mine\n');
  assert.equal(readFileSync(join(root, 'var/log/journal/mine'), 'utf8'), 'mine\n');
  assert.equal(readFileSync(join(root, 'etc/network/interfaces'), 'utf8'), FULL['etc/network/interfaces']);
  const kept = /^undo \/etc\/inittab failed: .* kept as (\S+)$/m.exec(outcome.stdout)?.[1];
  assert.ok(kept !== undefined, outcome.stdout);
  assert.match(readFileSync(join(root, kept), 'utf8'), /^si::sysinit/);
});

test('a run that is killed anywhere can be repeated, and undone', (t) => {
  const reference = makeTree(t, FULL);
  assert.equal(runFixes(reference).code, 0);
  const before = makeTree(t, FULL);
  const original = contents(before);
  for (const command of ['ln', 'mv', 'cp', 'cksum']) {
    for (const at of [1, 2, 5, 9]) {
      const root = makeTree(t, FULL);
      runKilled(root, command, at);
      assert.equal(runFixes(root).code, 0);
      const fixed = contents(root);
      assert.deepEqual(fixed, contents(reference), `${command} ${at}`);
      assert.equal(runUndo(root).code, 0);
      assert.deepEqual(contents(root), original, `${command} ${at}: undone`);
    }
  }
});

/** A run whose shell is killed by the Nth call of a command. */
function runKilled(root: string, command: string, at: number): void {
  const bin = join(dirname(root), 'bin');
  mkdirSync(bin);
  const real = execFileSync('sh', ['-c', `command -v ${command}`], { encoding: 'utf8' }).trim();
  const script = `#!/bin/sh\necho >>"$0.calls"\n[ "$(wc -l <"$0.calls")" -lt ${at} ] || { kill -9 $VICTIM; exit 1; }\nexec ${real} "$@"\n`;
  writeFileSync(join(bin, command), script, { mode: 0o755 });
  runFixes(root, {
    shell: ['sh', '-c', `PATH=${bin}:$PATH VICTIM=$$; export PATH VICTIM; . /dev/stdin`, 'sh', root],
  });
}
