import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RUNNING } from '../support/exports.ts';
import { needs } from '../support/needs.ts';
import { runPipe } from '../support/nodes.ts';
import { treeDifferences } from '../support/trees.ts';
import {
  assertClean,
  memberNames,
  memberOf,
  receive,
  zfsBehind,
  zfsDocument,
} from '../support/zfs-bundles.ts';
import { startZfsNode } from '../support/zfs-pool.ts';

test('a running container: base streams, a stop for a snapshot, increments; received, the trees are equal', async (t) => {
  if (!needs(t, 'rsync', 'setcap')) return;
  const made = startZfsNode(t, { children: ['data', 'data/a:b_c.d-e'] });
  if (!made) return;
  const { node, pool, mountpoint } = made;
  const result = await runPipe(['vz-zfs-stream'], { env: node.env, input: await zfsDocument(made) });
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(memberNames(result.bytes), [
    'container.json',
    'rootfs/base.dat.gz',
    'rootfs/data/base.dat.gz',
    'rootfs/data/a:b_c.d-e/base.dat.gz',
    'rootfs/incremental.dat.gz',
    'rootfs/data/incremental.dat.gz',
    'rootfs/data/a:b_c.d-e/incremental.dat.gz',
    'snapshots.yml',
    'end.json',
  ]);
  assert.match(result.stderr, /will be stopped for about 10 s/);
  assert.match(result.stderr, /sent as .* in .*\/s\); it was down for \d/);
  assert.equal(node.status(), RUNNING);
  assertClean(pool);
  assert.deepEqual(readdirSync(join(node.dir, 'lock')), []);
  const verbs = node.log().filter(({ what }) => what.startsWith('begin'));
  assert.deepEqual(
    verbs.map(({ verb }) => verb),
    ['stop', 'start'],
  );

  const copy = receive(pool, result.bytes);
  // The mount of a child made a directory in its parent.
  const differences = treeDifferences(mountpoint, copy, []);
  assert.deepEqual(
    differences.filter((line) => line !== '.d..t...... data/'),
    [],
  );
  assert.equal(readFileSync(join(copy, 'data/a:b_c.d-e/private/of-the-child'), 'utf8'), 'data/a:b_c.d-e\n');
  const names: string[] = JSON.parse(memberOf(result.bytes, 'snapshots.yml').toString());
  assert.equal(names.length, 2);
  const there = pool.snapshots();
  for (const name of names) {
    assert.match(name, /^vz2osctl-101-(base|last)-\d{10}$/);
    assert.equal(there.filter((snapshot) => snapshot.endsWith(`@${name}`)).length, 3, name);
  }
});

test('base and increment give the state at the stop, not at the base', async (t) => {
  const made = startZfsNode(t, { plain: true, writer: true, sizeMib: 8 });
  if (!made) return;
  const { node, pool } = made;
  const result = await runPipe(['vz-zfs-stream --compression off', '{ sleep 1; cat; }'], {
    env: node.env,
    input: await zfsDocument(made),
  });
  assert.equal(result.code, 0, result.stderr);
  const copy = join(receive(pool, result.bytes), 'private/var/lib/writer');
  const [first, second] = ['first', 'second'].map((name) => readFileSync(join(copy, name), 'utf8'));
  assert.equal(first, second);
  const count = (text = ''): number => text.trimEnd().split('\n').length;
  const target = pool.snapshots().find((name) => name.includes('-base-')) ?? '';
  pool.zfs('clone', target, `${pool.name}/at-base`);
  const before = readFileSync(join(pool.dir, 'at-base/private/var/lib/writer/first'), 'utf8');
  assert.ok(count(first) > count(before), `${count(first)} lines, and ${count(before)} at the base`);
});

test('a container that is down: one snapshot, one stream for each dataset, and it stays down', async (t) => {
  const made = startZfsNode(t, { plain: true, children: ['data'] });
  if (!made) return;
  const { node, pool, mountpoint } = made;
  node.vzctl('stop', '101');
  const before = node.log().length;
  const result = await runPipe(['vz-zfs-stream'], { env: node.env, input: await zfsDocument(made) });
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(memberNames(result.bytes).slice(1, -1), [
    'rootfs/base.dat.gz',
    'rootfs/data/base.dat.gz',
    'snapshots.yml',
  ]);
  assert.match(memberOf(result.bytes, 'snapshots.yml').toString(), /^\["vz2osctl-101-base-\d+"\]\n$/);
  assert.equal(node.log().length, before);
  assertClean(pool);
  assert.deepEqual(treeDifferences(mountpoint, receive(pool, result.bytes), []), []);
});

test('--no-consistent: nothing is stopped, and the snapshot is gone', async (t) => {
  const made = startZfsNode(t, { plain: true });
  if (!made) return;
  const { node, pool } = made;
  const result = await runPipe(['vz-zfs-stream --no-consistent --compression off'], {
    env: node.env,
    input: await zfsDocument(made),
  });
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(memberNames(result.bytes).slice(1, -1), ['rootfs/base.dat', 'snapshots.yml']);
  assert.deepEqual(node.log(), []);
  assertClean(pool);
});

test('a volume below the dataset is named, and not sent', async (t) => {
  const made = startZfsNode(t, { plain: true, children: ['data', 'vol'] });
  if (!made) return;
  const { node, pool } = made;
  // zfs-fuse has no volumes: a list that shows one.
  const bin = zfsBehind(
    t,
    'case "$1 $*" in "list "*name,type*) /usr/sbin/zfs "$@" | sed "/vol\t/s/filesystem/volume/"; exit ;; esac',
  );
  const result = await runPipe(['vz-zfs-stream --compression off'], {
    env: { ...node.env, PATH: `${bin}:${node.env['PATH']}` },
    input: await zfsDocument(made),
  });
  assert.equal(result.code, 0, result.stderr);
  assert.match(result.stderr, /volumes below the dataset are not sent: .*\/vol$/m);
  assert.deepEqual(memberNames(result.bytes).slice(1, -2), [
    'rootfs/base.dat',
    'rootfs/data/base.dat',
    'rootfs/incremental.dat',
    'rootfs/data/incremental.dat',
  ]);
  assert.doesNotMatch(result.stderr, /made after the first snapshot/);
  assertClean(pool);
});

test('the bundle becomes an archive that says zfs and names the subdatasets', async (t) => {
  const made = startZfsNode(t, { plain: true, children: ['data', 'data/deep'] });
  if (!made) return;
  const { node } = made;
  const result = await runPipe(['vz-zfs-stream', 'osctl-bundle'], {
    env: node.env,
    input: await zfsDocument(made),
  });
  assert.equal(result.code, 0, result.stderr);
  const { format, datasets } = JSON.parse(memberOf(result.bytes, 'metadata.yml').toString());
  assert.deepEqual([format, datasets], ['zfs', ['data', 'data/deep']]);
});

test('--compression auto is gzip unless blocks are sent compressed; a zfs without -c is warned of', async (t) => {
  const made = startZfsNode(t, { plain: true });
  if (!made) return;
  const { node } = made;
  const result = await runPipe(['vz-zfs-stream --no-consistent'], {
    env: node.env,
    input: await zfsDocument(made, { compressedSend: true }),
  });
  assert.equal(result.code, 0, result.stderr);
  assert.match(result.stderr, /warning: ct 101: the node's zfs send has no -c/);
  assert.equal(memberNames(result.bytes)[1], 'rootfs/base.dat.gz');
});

test('a container that was halted from inside meanwhile stays down', async (t) => {
  const made = startZfsNode(t, { plain: true, sizeMib: 8 });
  if (!made) return;
  const { node, pool } = made;
  writeFileSync(
    join(node.dir, 'halt'),
    `rm -f ${node.stateDir}/101.running; umount ${node.rootPath} 2>/dev/null; rm -f ${node.stateDir}/101.mounted\n`,
  );
  const result = await runPipe(
    ['vz-zfs-stream --compression off', `{ head -c 100000; sh ${node.dir}/halt; cat; }`],
    {
      env: node.env,
      input: await zfsDocument(made),
    },
  );
  assert.equal(result.code, 0, result.stderr);
  assert.match(result.stderr, /was halted meanwhile, and stays down/);
  assert.ok(memberNames(result.bytes).includes('rootfs/incremental.dat'));
  assert.equal(node.status(), 'CTID 101 exist unmounted down');
  assertClean(pool);
});

test('-n prints lines to paste, and changes nothing', async (t) => {
  const made = startZfsNode(t, { plain: true, children: ['data'] });
  if (!made) return;
  const { node, pool, dataset } = made;
  const result = await runPipe(['vz-zfs-stream -n'], { env: node.env, input: await zfsDocument(made) });
  assert.equal(result.code, 0, result.stderr);
  const lines = result.stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.replaceAll(dataset, 'DS').replaceAll(/-\d{10}/g, ''))
    .map((line) => line.replace(/\| (igzip|pigz|gzip) -1( -n)? -c >/, '| gzip -1 >'));
  assert.deepEqual(lines, [
    'mkdir -p rootfs/ rootfs/data/',
    'zfs snapshot -r DS@vz2osctl-101-base',
    'zfs hold -r vz2osctl DS@vz2osctl-101-base',
    'zfs send DS@vz2osctl-101-base | gzip -1 > rootfs/base.dat.gz',
    'zfs send DS/data@vz2osctl-101-base | gzip -1 > rootfs/data/base.dat.gz',
    'vzctl stop 101',
    'zfs snapshot -r DS@vz2osctl-101-last',
    'vzctl start 101',
    'zfs hold -r vz2osctl DS@vz2osctl-101-last',
    'zfs send -i @vz2osctl-101-base DS@vz2osctl-101-last | gzip -1 > rootfs/incremental.dat.gz',
    'zfs send -i @vz2osctl-101-base DS/data@vz2osctl-101-last | gzip -1 > rootfs/data/incremental.dat.gz',
    'zfs release -r vz2osctl DS@vz2osctl-101-last',
    'zfs destroy -r DS@vz2osctl-101-last',
    'zfs release -r vz2osctl DS@vz2osctl-101-base',
    'zfs destroy -r DS@vz2osctl-101-base',
  ]);
  assert.deepEqual(node.log(), []);
  assertClean(pool);
});
