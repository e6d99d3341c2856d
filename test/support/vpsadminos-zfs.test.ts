import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeArchive } from './hand-made-archive.ts';
import { needs } from './needs.ts';
import { startVpsAdminOsNode, type VpsAdminOsNode } from './nodes.ts';
import { makeContainerDataset, makePool, type ZfsPool } from './zfs-pool.ts';

const INTERNAL = 'error: internal error\n';

interface Source {
  readonly pool: ZfsPool;
  readonly node: VpsAdminOsNode;
  /** Streams by their member names: s1, and s1 to s2, of the container and of its subdataset. */
  readonly streams: Record<string, Buffer>;
}

/** A source with a subdataset that changes between two snapshots, and a node on the same pool. */
function start(t: TestContext): Source | undefined {
  if (!needs(t, 'ruby', 'sshd', 'ssh')) return undefined;
  const pool = makePool(t, { sizeMib: 128 });
  if (!pool) return undefined;
  const { dataset, mountpoint } = makeContainerDataset(pool, { children: ['var'] });
  mkdirSync(join(mountpoint, 'private/sbin'), { recursive: true });
  writeFileSync(join(mountpoint, 'private/sbin/init'), '');
  writeFileSync(join(mountpoint, 'private/state'), 'at the base\n');
  pool.zfs('snapshot', '-r', `${dataset}@s1`);
  writeFileSync(join(mountpoint, 'private/state'), 'at the stop\n');
  writeFileSync(join(mountpoint, 'var/private/of-the-child'), 'at the stop\n');
  pool.zfs('snapshot', '-r', `${dataset}@s2`);
  const send = (...args: string[]): Buffer => execFileSync('zfs', ['send', ...args], { maxBuffer: 1e8 });
  const streams = {
    'rootfs/base.dat': send(`${dataset}@s1`),
    'rootfs/incremental.dat': send('-i', '@s1', `${dataset}@s2`),
    'rootfs/var/base.dat': send(`${dataset}/var@s1`),
    'rootfs/var/incremental.dat': send('-i', '@s1', `${dataset}/var@s2`),
  };
  return { pool, node: startVpsAdminOsNode(t, { dataset: `${pool.name}/node` }), streams };
}

type Members = Record<string, string | Buffer>;

function zfsArchive(t: TestContext, members: Members): string {
  return makeArchive(t, {
    metadata: { format: 'zfs', datasets: ['var'] },
    members: { 'rootfs/base.tar.gz': null, ...members },
    segmentBytes: 100_000,
  });
}

const snapshotsOf = ({ pool }: Source): string[] =>
  pool
    .snapshots()
    .flatMap((name) => (name.startsWith(`${pool.name}/node/`) ? [name.slice(name.indexOf('ct/'))] : []));

test('streams are received, and what snapshots.yml lists is gone', (t) => {
  const source = start(t);
  if (!source) return;
  const { node, streams } = source;
  const result = node.osctl(['ct', 'import', zfsArchive(t, { ...streams, 'snapshots.yml': '["s1", "s2"]' })]);
  assert.deepEqual([result.code, result.stderr], [0, ''], node.daemonLog());
  const shown = JSON.parse(node.osctl(['-j', 'ct', 'show', '101']).stdout);
  assert.deepEqual([shown.state, shown.dataset], ['stopped', 'tank/ct/101']);
  assert.equal(readFileSync(join(shown.rootfs, 'state'), 'utf8'), 'at the stop\n');
  const child = join(node.dir, 'tank/ct/101/var/private/of-the-child');
  assert.equal(readFileSync(child, 'utf8'), 'at the stop\n');
  assert.deepEqual(snapshotsOf(source), []);
  assert.equal(node.osctl(['ct', 'start', '101']).code, 0);
  assert.equal(node.osctl(['ct', 'stop', '101']).code, 0);
  assert.equal(node.osctl(['ct', 'del', '101']).stderr, '');
});

test('a base alone is received, and its snapshot stays without snapshots.yml', (t) => {
  const source = start(t);
  if (!source) return;
  const { 'rootfs/base.dat': base = '', 'rootfs/var/base.dat': child = '' } = source.streams;
  const archive = zfsArchive(t, { 'rootfs/base.dat': base, 'rootfs/var/base.dat': child });
  assert.equal(source.node.osctl(['-q', 'ct', 'import', archive]).stderr, '');
  assert.equal(readFileSync(join(source.node.dir, 'tank/ct/101/private/state'), 'utf8'), 'at the base\n');
  assert.deepEqual(snapshotsOf(source), ['ct/101/var@s1', 'ct/101@s1']);
});

test('what fails is an internal error, and leaves what was received', (t) => {
  const source = start(t);
  if (!source) return;
  const { node, streams } = source;
  const { 'rootfs/var/base.dat': _, ...withoutBase } = streams;
  const base = streams['rootfs/base.dat'] ?? Buffer.alloc(0);
  const increment = streams['rootfs/incremental.dat'] ?? Buffer.alloc(0);
  const cases: [string, Members, RegExp, string[]][] = [
    [
      'a snapshot that is nowhere',
      { ...streams, 'snapshots.yml': '["s1", "nope"]' },
      /failed to destroy: command 'zfs destroy tank\/ct\/c0@nope' exited with 1: could not find any/,
      ['ct/c0/var@s1', 'ct/c0/var@s2', 'ct/c0@s2'],
    ],
    [
      'a stream that is cut off',
      { ...streams, 'rootfs/base.dat': base.subarray(0, -400) },
      /failed to import stream: command 'tar -xOf \S+ rootfs\/base\.dat \| zfs recv -F tank\/ct\/c1' exited with 1/,
      [],
    ],
    ['no base', withoutBase, /unable to import: var\/base not found/, ['ct/c2@s1', 'ct/c2@s2']],
    [
      'another base',
      { ...streams, 'rootfs/var/incremental.dat': increment },
      /failed to import stream: .*rootfs\/var\/incremental\.dat/,
      ['ct/c3/var@s1', 'ct/c3@s1', 'ct/c3@s2'],
    ],
  ];
  for (const [index, [what, members, reason, left]] of cases.entries()) {
    const result = node.osctl(['-q', 'ct', 'import', '--as-id', `c${index}`, zfsArchive(t, members)]);
    assert.deepEqual([result.code, result.stderr], [1, INTERNAL], what);
    assert.match(node.daemonLog().trimEnd().split('\n').at(-1) ?? '', reason, what);
    assert.deepEqual(
      snapshotsOf(source).filter((name) => name.startsWith(`ct/c${index}`)),
      left,
      what,
    );
  }
});

test('the stand-in zfs on a real pool does what it does on directories', (t) => {
  const source = start(t);
  if (!source) return;
  const { nodeEnv, dir } = source.node;
  const zfs = (...args: string[]): string =>
    execFileSync('zfs', args, { env: nodeEnv, encoding: 'utf8', stdio: 'pipe' });
  zfs('create', '-p', '-o', 'canmount=noauto', '-o', 'uidmap=0:1:2', 'tank/a/b');
  assert.equal(
    zfs('list', '-H', '-o', 'name,mountpoint', '-r', 'tank/a'),
    `tank/a\t${dir}/tank/a\ntank/a/b\t${dir}/tank/a/b\n`,
  );
  assert.equal(
    zfs('get', '-H', '-o', 'value', 'uidmap,gidmap,mounted', 'tank/a/b'),
    '0:1:2\n-\nno\n'.replace('-', 'none'),
  );
  zfs('mount', 'tank/a/b');
  assert.throws(() => zfs('set', 'uidmap=none', 'tank/a/b'), /the dataset is mounted/);
  zfs('set', 'refquota=64M', 'tank/a/b');
  assert.equal(zfs('get', '-Hp', '-o', 'value', 'refquota', 'tank/a/b'), '67108864\n');
  zfs('destroy', '-r', 'tank/a');
  assert.throws(() => zfs('get', 'mounted', 'tank/a'), /cannot open 'tank\/a': dataset does not exist/);
});
