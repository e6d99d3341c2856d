import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeArchive } from './hand-made-archive.ts';
import { received, startReceiver } from './receiver.ts';

const INTERNAL = 'error: internal error\n';

type Members = Record<string, string | Buffer>;

function zfsArchive(t: TestContext, members: Members): string {
  return makeArchive(t, {
    metadata: { format: 'zfs', datasets: ['var'] },
    members: { 'rootfs/base.tar.gz': null, ...members },
    segmentBytes: 100_000,
  });
}

test('streams are received, and what snapshots.yml lists is gone', (t) => {
  const source = startReceiver(t);
  if (!source) return;
  const { node, streams } = source;
  const result = node.osctl(['ct', 'import', zfsArchive(t, { ...streams, 'snapshots.yml': '["s1", "s2"]' })]);
  assert.deepEqual([result.code, result.stderr], [0, ''], node.daemonLog());
  const shown = JSON.parse(node.osctl(['-j', 'ct', 'show', '101']).stdout);
  assert.deepEqual([shown.state, shown.dataset], ['stopped', 'tank/ct/101']);
  assert.equal(readFileSync(join(shown.rootfs, 'state'), 'utf8'), 'at the stop\n');
  const child = join(node.dir, 'tank/ct/101/var/private/of-the-child');
  assert.equal(readFileSync(child, 'utf8'), 'at the stop\n');
  assert.deepEqual(received(source), []);
  assert.equal(node.osctl(['ct', 'start', '101']).code, 0);
  assert.equal(node.osctl(['ct', 'stop', '101']).code, 0);
  assert.equal(node.osctl(['ct', 'del', '101']).stderr, '');
});

test('a base alone is received, and its snapshot stays without snapshots.yml', (t) => {
  const source = startReceiver(t);
  if (!source) return;
  const { 'rootfs/base.dat': base = '', 'rootfs/var/base.dat': child = '' } = source.streams;
  const archive = zfsArchive(t, { 'rootfs/base.dat': base, 'rootfs/var/base.dat': child });
  assert.equal(source.node.osctl(['-q', 'ct', 'import', archive]).stderr, '');
  assert.equal(readFileSync(join(source.node.dir, 'tank/ct/101/private/state'), 'utf8'), 'at the base\n');
  assert.deepEqual(received(source), ['ct/101/var@s1', 'ct/101@s1']);
});

test('what fails is an internal error, and leaves what was received', (t) => {
  const source = startReceiver(t);
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
      received(source).filter((name) => name.startsWith(`ct/c${index}`)),
      left,
      what,
    );
  }
});

test('the stand-in zfs on a real pool does what it does on directories', (t) => {
  const source = startReceiver(t);
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
  zfs('snapshot', '-r', 'tank/a@s1');
  zfs('hold', '-r', 'kept', 'tank/a@s1');
  assert.throws(() => zfs('destroy', 'tank/a@s1'), /tank\/a@s1/);
  assert.equal(
    zfs('get', '-Hp', '-r', '-t', 'snapshot', '-o', 'name,value', 'userrefs', 'tank/a'),
    'tank/a@s1\t1\ntank/a/b@s1\t1\n',
  );
  zfs('release', '-r', 'kept', 'tank/a@s1');
  assert.equal(zfs('list', '-H', '-o', 'name', '-t', 'snapshot', 'tank/a'), 'tank/a@s1\n');
  assert.match(
    zfs('list', '-Hp', '-t', 'snapshot', '-r', 'tank/a'),
    /^tank\/a@s1\t\d+\t-\t-\ntank\/a\/b@s1\t/,
  );
  assert.match(zfs('list', '-Hp', '-t', 'snapshot', '-o', 'guid', 'tank/a'), /^\d+\n$/);
  writeFileSync(join(dir, 'tank/a/late'), '');
  zfs('rollback', 'tank/a@s1');
  assert.ok(!existsSync(join(dir, 'tank/a/late')));
  zfs('set', 'compression=on', 'tank/a');
  zfs('inherit', 'compression', 'tank/a');
  assert.equal(zfs('get', '-H', '-o', 'value', 'compression', 'tank/a'), 'off\n');
  zfs('destroy', '-r', 'tank/a');
  assert.throws(() => zfs('get', 'mounted', 'tank/a'), /cannot open 'tank\/a': dataset does not exist/);
});
