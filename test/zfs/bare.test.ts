import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runPipe } from '../support/nodes.ts';
import { mountBelow } from '../support/zfs-bundles.ts';
import { makeContainerDataset, makePool } from '../support/zfs-pool.ts';

const FULL = 'test/fixtures/zfs/streams/101-full.zstream';

test('--verify prints what a stream holds', async () => {
  const result = await runPipe([`vz-zfs-stream --verify < ${FULL}`]);
  assert.equal(result.code, 0, result.stderr);
  const summary = JSON.parse(result.stdout);
  assert.equal(summary.bytes, readFileSync(FULL).length);
  assert.equal(summary.snapshots.length, 1);
  assert.equal(summary.snapshots[0].fromGuid, null);
});

test('--verify --raw passes the data on', async () => {
  const result = await runPipe([`vz-zfs-stream --verify --raw < ${FULL}`]);
  assert.equal(result.code, 0, result.stderr);
  assert.ok(result.bytes.equals(readFileSync(FULL)));
  assert.equal(JSON.parse(result.stderr).compound, false);
});

test('--verify of a damaged stream fails with where it is', async () => {
  const input = readFileSync(FULL).subarray(0, 50_000);
  const result = await runPipe(['vz-zfs-stream --verify'], { input });
  assert.equal(result.code, 65);
  assert.match(result.stderr, /cut off .*record \d+, offset 50000/);
  assert.equal(result.stdout, '');
});

test('--raw sends one snapshot, whole or since another, and leaves it alone', async (t) => {
  const pool = makePool(t);
  if (!pool) return;
  const { dataset, mountpoint } = makeContainerDataset(pool);
  writeFileSync(join(mountpoint, 'file'), 'first');
  pool.zfs('snapshot', `${dataset}@a`);
  writeFileSync(join(mountpoint, 'file'), 'second');
  pool.zfs('snapshot', `${dataset}@b`);
  const target = `${pool.name}/copy`;
  const script = `
    vz-zfs-stream --raw --dataset ${dataset} --snapshot a | zfs recv ${target} &&
    vz-zfs-stream --raw --dataset ${dataset} --snapshot @b --from @a | vz-zfs-stream --verify --raw | zfs recv -F ${target}`;
  const result = await runPipe(script);
  assert.equal(result.code, 0, result.stderr);
  mountBelow(pool, target);
  assert.equal(readFileSync(join(pool.dir, 'copy/file'), 'utf8'), 'second');
  assert.equal(pool.snapshots().length, 4);
  const missing = await runPipe([`vz-zfs-stream --raw --dataset ${dataset} --snapshot none`]);
  assert.equal(missing.code, 74);
  assert.match(missing.stderr, /@none: zfs send exited with \d+/);
});

test('flags that do not go together: 64', async () => {
  for (const [flags, text] of [
    ['--raw', /expected --dataset and --snapshot/],
    ['--dataset a', /--dataset: only with --raw/],
    ['--verify --raw --from a', /--from: not with --verify/],
    ['--raw --dataset a --snapshot b --compression gzip', /--compression: not with --raw/],
    ['--verify --no-consistent', /--consistent: not with --verify/],
    ['--verify -n', /--dry-run: not with --verify/],
    ['--raw --dataset a@b --snapshot c', /is no dataset/],
    ['--raw --dataset=-R --snapshot c', /is no dataset/],
    ['--raw --dataset a --snapshot b@c', /the snapshot's name alone/],
    ['--stall 0.5', /--stall/],
    ['--level 0', /--level/],
  ] as const) {
    const result = await runPipe([`vz-zfs-stream ${flags} </dev/null`]);
    assert.equal(result.code, 64, flags);
    assert.match(result.stderr, text);
  }
});
