import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import { VzError } from '../../lib/errors.ts';
import { localHost } from '../../lib/host/local.ts';
import { walkTree } from '../../lib/source/walk.ts';
import { needs } from '../support/needs.ts';

function makeTree(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-walk-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const tree = join(dir, "a tree's [*] name");
  mkdirSync(join(tree, 'sub'), { recursive: true });
  writeFileSync(join(tree, 'one'), 'x'.repeat(1000));
  writeFileSync(join(tree, 'sub', '-rf\n$(x) "\'\\'), 'x'.repeat(24));
  linkSync(join(tree, 'one'), join(tree, 'sub', 'linked'));
  symlinkSync('/', join(tree, 'root'));
  return tree;
}

/** What the two files of the tree take on this file system. */
function allocatedBytes(tree: string): number {
  const files = ['one', 'sub/-rf\n$(x) "\'\\'];
  return files.reduce((sum, name) => sum + statSync(join(tree, name)).blocks * 512, 0);
}

describe('one walk of a tree', () => {
  it('counts entries and bytes, hard links once', async (t) => {
    const tree = makeTree(t);
    assert.deepEqual(await walkTree(localHost, tree), {
      files: '5',
      sizeBytes: String(allocatedBytes(tree)),
      foreignIds: { count: '0', examples: [] },
      deviceNodes: { count: '0', examples: [] },
      highestUid: process.getuid?.(),
      highestGid: statSync(tree).gid,
    });
  });

  it('counts no holes', async (t) => {
    const tree = makeTree(t);
    writeFileSync(join(tree, 'sparse'), '');
    truncateSync(join(tree, 'sparse'), 2 ** 40);
    assert.equal((await walkTree(localHost, tree)).sizeBytes, String(allocatedBytes(tree)));
  });

  it('enters a tree that is reached through a link', async (t) => {
    const tree = makeTree(t);
    const link = join(tree, '..', 'link');
    symlinkSync(tree, link);
    assert.equal((await walkTree(localHost, link)).files, '5');
  });

  it('lists foreign ids and device nodes outside /dev, twenty at the most', async (t) => {
    if (!needs(t, 'root')) return;
    const tree = makeTree(t);
    for (let index = 0; index < 30; index += 1) {
      const path = join(tree, `f${index}`);
      writeFileSync(path, '');
      chownSync(path, index < 15 ? 65536 : 65535, index < 15 ? 0 : 70000);
    }
    mkdirSync(join(tree, 'dev'));
    execFileSync('mknod', [join(tree, 'dev/null'), 'c', '1', '3']);
    execFileSync('mknod', [join(tree, 'sub/null'), 'c', '1', '3']);
    const { foreignIds, deviceNodes, highestUid, highestGid } = await walkTree(localHost, tree);
    assert.deepEqual([highestUid, highestGid], [65536, 70000]);
    assert.equal(foreignIds.count, '30');
    assert.equal(foreignIds.examples.length, 20);
    assert.deepEqual(deviceNodes, { count: '1', examples: ['sub/null'] });
  });

  it('says what is missing', async () => {
    await assert.rejects(
      walkTree(localHost, '/nonexistent/tree'),
      (error) => error instanceof VzError && error.exit === 66,
    );
  });

  it('ends when it is told to', async (t) => {
    const abort = new AbortController();
    abort.abort(new VzError('INTERRUPTED', { exit: 130, what: 'stopped' }));
    await assert.rejects(walkTree(localHost, makeTree(t), abort.signal), /stopped/);
  });
});
