import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, renameSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { filesWay } from '../../../lib/migrate/files/way.ts';
import { differences, differencesMeanwhile, startMoving, stopAndSend } from './setup.ts';

test('ACLs, extended attributes and all else of a file arrive by tar, and what changes of them later by rsync', async (t) => {
  const moving = await startMoving(t);
  if (!moving) return;
  const { run, source, incoming } = moving;
  const tree = source.privatePath;
  const at = (path: string): string => join(tree, 'srv', path);
  const hostile = "acl'd\n$(x)";
  mkdirSync(at('shared'));
  for (const name of ['acl', 'changed', 'both', 'marked', 'bare', hostile]) {
    writeFileSync(at(name), name);
    // Older than what a pass takes for young: rsync sees what has changed of them alone.
    utimesSync(at(name), 1_400_000_000, 1_400_000_000);
  }
  for (const name of ['acl', 'changed', 'both', hostile]) setAcl(at(name), 'access', READER);
  setAcl(at('shared'), 'default', READER);
  for (const name of ['marked', 'both', 'shared', hostile]) mark(at(name), 'user.origin', 'a = "b"');
  mark(at('marked'), 'trusted.of-root', '1');
  chmodSync(at('both'), 0o6755);

  await filesWay.make(run);
  assert.equal((await filesWay.pass(run)).how, 'tar');
  for (const name of [
    /user\.origin/,
    /posix_acl_access/,
    /posix_acl_default/,
    /trusted/,
    /security\.capability/,
  ])
    assert.match(attributes(tree), name);
  assert.equal(attributes(incoming), attributes(tree));
  assert.deepEqual(differencesMeanwhile(tree, incoming), []);

  setAcl(at('changed'), 'access', WRITER);
  execFileSync('setfattr', ['-x', 'system.posix_acl_access', at('acl')]);
  setAcl(at('bare'), 'access', READER);
  execFileSync('setfattr', ['-x', 'user.origin', at('marked')]);
  mark(at('shared'), 'user.origin', 'another');
  setAcl(at('shared'), 'default', WRITER);
  chmodSync(at('both'), 0o755);
  linkSync(at('both'), at('both-again'));
  // One that is a link no more, with all that its inode has.
  writeFileSync(at('hostile/link-b.new'), 'shared no more\n');
  mark(at('hostile/link-b.new'), 'user.origin', 'new');
  renameSync(at('hostile/link-b.new'), at('hostile/link-b'));
  // A node of another number, a file in the place of a FIFO, a hole that is none any more.
  unlinkSync(at('hostile/fifo'));
  writeFileSync(at('hostile/fifo'), 'a file now');
  const random = join(tree, 'var/spool/postfix/dev/random');
  unlinkSync(random);
  execFileSync('mknod', [random, 'c', '1', '9']);
  execFileSync('dd', ['if=/dev/urandom', `of=${at('hostile/only-a-hole')}`, 'bs=1M', 'count=1'], {
    stdio: 'ignore',
  });
  assert.equal((await filesWay.pass(run)).how, 'rsync');
  assert.equal(attributes(incoming), attributes(tree));
  assert.deepEqual(differencesMeanwhile(tree, incoming), []);

  mark(at('both'), 'user.origin', 'at the stop');
  await stopAndSend(moving);
  await filesWay.commit(run);
  assert.equal(attributes(moving.private), attributes(tree));
  assert.deepEqual(differences(tree, moving.private), []);
});

/** All extended attributes below a directory, in which ACLs and capabilities are, as getfattr(1) has them. */
function attributes(root: string): string {
  const words = ['-R', '-h', '-P', '-d', '-e', 'hex', '-m', '-', '.'];
  const dump = execFileSync('getfattr', words, { cwd: root, encoding: 'latin1' });
  return dump.split('\n\n').sort().join('\n\n');
}

function setAcl(path: string, kind: 'access' | 'default', value: string): void {
  mark(path, `system.posix_acl_${kind}`, value);
}

function mark(path: string, name: string, value: string): void {
  execFileSync('setfattr', ['-h', '-n', name, '-v', value, path]);
}

/** linux/posix_acl_xattr.h, version 2: of the owner, of user 1234, of the group, the mask, all others. */
const acl = (user: string): string =>
  `0x02000000${['01000600ffffffff', `0200${user}00d2040000`, '04000400ffffffff', '10000600ffffffff', '20000400ffffffff'].join('')}`;
const READER = acl('04');
const WRITER = acl('06');
