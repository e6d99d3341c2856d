import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startZfsNode } from './zfs-pool.ts';

test('a node whose container lies in a dataset of its own', (t) => {
  const made = startZfsNode(t, { children: ['data', 'data/deep'] });
  if (!made) return;
  const { node, pool, dataset, mountpoint } = made;
  assert.equal(node.status(), 'CTID 101 exist mounted running');
  assert.ok(existsSync(join(mountpoint, 'private/etc')));
  assert.equal(readFileSync(join(mountpoint, 'data/deep/private/of-the-child'), 'utf8'), 'data/deep\n');
  pool.zfs('snapshot', '-r', `${dataset}@a`);
  pool.zfs('hold', '-r', 'tag', `${dataset}@a`);
  assert.equal(pool.snapshots().length, 3);
  assert.deepEqual(pool.holds().sort(), pool.snapshots());
  assert.deepEqual(node.log(), []);
});
