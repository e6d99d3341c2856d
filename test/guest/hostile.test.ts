import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { memoryDirectory } from '../support/directories.ts';
import { needs } from '../support/needs.ts';
import { contents, FULL, INITTAB, makeOutside } from './full-tree.ts';
import type { Outcome } from './guest-tree.ts';
import { describeTree, FIFO, linkTo, makeTree, notable, runFixes, runUndo, SHELLS } from './guest-tree.ts';

for (const shell of SHELLS) {
  const by = `by ${shell.join(' ')}`;

  for (const to of ['/', '../outside', '@outside', '..', '/proc/self/root', 'etc']) {
    test(`/etc is a link to ${to}: nothing behind it is touched, ${by}`, (t) => {
      if (!needs(t, shell[0] ?? '')) return;
      const root = makeTree(t, { 'sbin/getty': '' });
      const outside = makeOutside(root, FULL);
      symlinkSync(to.replace('@outside', join(outside, 'etc')), join(root, 'etc'));
      const before = describeTree(dirname(root));
      const outcome = runFixes(root, { shell });
      assert.equal(describeTree(dirname(root)), before);
      assert.equal(reason(outcome, 'inittab-console'), '/etc is a symbolic link');
      assert.equal(outcome.code, 1);
    });
  }

  for (const path of [
    'etc/inittab',
    'etc/network/interfaces',
    'etc/init',
    'etc/network',
    'etc/rc.d',
    'var/log',
  ]) {
    test(`/${path} is a link that leads out: what it leads to stays as it is, ${by}`, (t) => {
      if (!needs(t, shell[0] ?? '')) return;
      const root = makeTree(t, { ...FULL, 'lib/systemd/systemd': '' });
      const outside = makeOutside(root, {
        ...FULL,
        'etc/init/rc.conf': '',
        'etc/init/tty1.conf': 'exec getty tty1\n',
        'etc/rc.d/rc.sysinit': '/sbin/start_udev\n',
        'var/log/x': '',
      });
      rmSync(join(root, path), { recursive: true, force: true });
      mkdirSync(dirname(join(root, path)), { recursive: true });
      for (const target of [join(outside, path), `../../../outside/${path}`]) {
        rmSync(join(root, path), { force: true });
        symlinkSync(target, join(root, path));
        const before = describeTree(outside);
        runFixes(root, { shell });
        assert.equal(describeTree(outside), before);
        runUndo(root, shell);
        assert.equal(describeTree(outside), before);
      }
    });
  }

  test(`where the notes for undo go is a link, or holds links: nothing is written through it, ${by}`, (t) => {
    if (!needs(t, shell[0] ?? '')) return;
    for (const trap of [
      '.vz2osctl',
      '.vz2osctl/guest-fix',
      '.vz2osctl/guest-fix/1',
      '.vz2osctl/guest-fix/new',
    ]) {
      const root = makeTree(t, FULL);
      const outside = makeOutside(root, { kept: 'kept\n' });
      mkdirSync(dirname(join(root, trap)), { recursive: true });
      symlinkSync(outside, join(root, trap));
      const before = describeTree(outside);
      const outcome = runFixes(root, { shell });
      assert.equal(describeTree(outside), before, trap);
      const refused = trap.length < 21;
      assert.equal(outcome.code, refused ? 1 : 0, outcome.stdout);
      if (refused) assert.match(reason(outcome, 'mtab'), /is a symbolic link$/);
    }
  });

  test(`notes for undo that are forged lead nowhere outside, ${by}`, (t) => {
    if (!needs(t, shell[0] ?? '')) return;
    const root = makeTree(t, { etc: linkTo('../outside'), 'sub/x': 'x\n' });
    const outside = makeOutside(root, { passwd: 'root\n', 'sub/y': 'y\n' });
    const store = join(root, '.vz2osctl/guest-fix');
    mkdirSync(store, { recursive: true });
    const notes = [
      'created ../outside/passwd',
      'removed etc/new',
      'changed etc/passwd',
      'created sub/../../outside/passwd',
    ];
    for (const [index, note] of [...notes, 'odd', '', 'changed ', 'created .'].entries()) {
      writeFileSync(join(store, `${index + 1}.what`), `${note}\n`);
      writeFileSync(join(store, `${index + 1}`), 'planted\n');
    }
    symlinkSync('/etc/passwd', join(store, '20.what'));
    execFileSync('mkfifo', [join(store, '21.what')]);
    const before = describeTree(outside);
    const outcome = runUndo(root, shell);
    assert.equal(describeTree(outside), before);
    assert.equal(outcome.code, 1);
    assert.match(outcome.stdout, /^end 0 restored, \d failed$/m);
    assert.equal(readFileSync(join(root, 'sub/x'), 'utf8'), 'x\n');
  });

  test(`fifos, directories and huge files in the place of files are named and left, ${by}`, (t) => {
    if (!needs(t, shell[0] ?? '')) return;
    const root = makeTree(t, {
      'etc/inittab': FIFO,
      'etc/fstab/x': '',
      'etc/mtab': FIFO,
      'etc/rc.conf': INITTAB,
      'etc/network/interfaces': INITTAB,
      'etc/init/rc.conf': '',
      'etc/init/a.conf': FIFO,
      'sbin/getty': '',
    });
    truncateSync(join(root, 'etc/rc.conf'), 2 ** 40);
    writeFileSync(join(root, 'etc/network/interfaces'), 'auto venet0\n'.repeat(200_000));
    const before = describeTree(join(root, 'etc/network'));
    const outcome = runFixes(root, { shell, skip: ['upstart-console'] });
    assert.equal(reason(outcome, 'inittab-console'), '/etc/inittab is not a regular file');
    assert.equal(reason(outcome, 'fstab-root'), '/etc/fstab is not a regular file');
    assert.equal(reason(outcome, 'mtab'), '/etc/mtab is not a regular file');
    assert.equal(reason(outcome, 'venet-ifupdown'), '/etc/network/interfaces is larger than 1 MiB');
    assert.ok(notable(outcome).includes('upstart-powerfail applied'));
    assert.equal(describeTree(join(root, 'etc/network')), before);
  });

  test(`names with newlines, blanks and dashes are neither touched nor printed, ${by}`, (t) => {
    if (!needs(t, shell[0] ?? '')) return;
    const scripts = 'etc/sysconfig/network-scripts';
    const odd = [
      'ifcfg-venet0\nfix mtab applied',
      'ifcfg-venet0 x',
      'ifcfg-venet0\x1b[2J',
      'ifcfg-venet0\\n',
    ];
    const root = makeTree(t, {
      [`${scripts}/ifcfg-venet0`]: 'x\n',
      [`${scripts}/-rf`]: 'x\n',
      ...Object.fromEntries(odd.map((name) => [`${scripts}/${name}`, 'x\n'])),
    });
    const outcome = runFixes(root, { shell });
    assert.deepEqual(notable(outcome), ['venet-redhat applied']);
    assert.match(outcome.stdout + outcome.stderr, /^[\n -~]*$/);
    for (const name of odd) assert.ok(existsSync(join(root, scripts, name)), name);
  });

  test(`the tree's own path may hold blanks, quotes and dollars, ${by}`, (t) => {
    if (!needs(t, shell[0] ?? '')) return;
    const root = join(dirname(makeTree(t, {})), `a b'c"$HOME;\`x`);
    renameSync(makeTree(t, FULL), root);
    const before = describeTree(root);
    assert.equal(runFixes(root, { shell }).code, 0);
    assert.equal(runUndo(root, shell).code, 0);
    assert.equal(describeTree(root), before);
  });

  test(`a full disk fails each fix and leaves every file whole, ${by}`, (t) => {
    if (!needs(t, 'root', shell[0] ?? '')) return;
    const root = memoryDirectory(t);
    for (const [path, content] of Object.entries(FULL)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), String(content));
    }
    writeFileSync(join(root, 'etc/fstab'), `${'# a comment\n'.repeat(400)}simfs / simfs defaults 0 0\n`);
    const before = contents(root);
    fill(join(root, 'ballast'));
    const outcome = runFixes(root, { shell });
    assert.equal(outcome.code, 1);
    assert.match(outcome.stdout, /^end /m);
    assert.equal(outcome.fixes.find(([id]) => id === 'fstab-root')?.[1], 'failed');
    assert.equal(readFileSync(join(root, 'etc/fstab'), 'utf8'), before['etc/fstab']);
    rmSync(join(root, 'ballast'));
    execFileSync('mount', ['-o', 'remount,size=1m', root]);
    assert.equal(runFixes(root, { shell }).code, 0, 'it cannot be repeated');
    assert.equal(runUndo(root, shell).code, 0);
    assert.deepEqual(contents(root), before);
    assert.ok(!existsSync(join(root, '.vz2osctl')));
  });

  test(`a file system that is read only fails each fix with the reason, ${by}`, (t) => {
    if (!needs(t, 'root', shell[0] ?? '')) return;
    const root = memoryDirectory(t);
    for (const [path, content] of Object.entries(FULL)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), String(content));
    }
    execFileSync('mount', ['-o', 'remount,ro', root]);
    const outcome = runFixes(root, { shell });
    assert.match(reason(outcome, 'mtab'), /Read-only file system/);
    assert.equal(outcome.code, 1);
  });
}

function reason({ fixes }: Outcome, wanted: string): string {
  const found = fixes.find(([id]) => id === wanted);
  return found?.[1] === 'failed' ? found[2] : `not failed, but ${found?.[1]}`;
}

function fill(path: string): void {
  try {
    for (let size = 4096; ; size += 4096) writeFileSync(path, Buffer.alloc(size));
  } catch {
    // What fits is there.
  }
}
