import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { needs } from '../support/needs.ts';
import { runPipe, type VpsAdminOsNode } from '../support/nodes.ts';
import { treeDifferences } from '../support/trees.ts';
import { changedMembers, makeArchive } from './archives.ts';
import { assertNothingLeft, feedSlowly, untilMarked, untilUndone } from './import-node.ts';
import { setUpBoth } from './zfs-to-node.ts';

/** A pipe that makes a bundle of the container; the rest of it follows. */
function setUp(t: TestContext, options: Parameters<typeof setUpBoth>[1]) {
  const both = setUpBoth(t, options);
  if (!both) return undefined;
  const flags = `--zfs-dataset '${both.source.dataset}' --zfs-subdir private`;
  return { ...both, pipe: [both.parse, `vz-to-osctl -q --report none --netif-type routed ${flags}`] };
}

const IMPORT = 'osctl-import --direct root@node';

for (const compression of ['off', 'gzip']) {
  test(`streams with subdatasets and increments, compression ${compression}: the trees are equal`, async (t) => {
    if (!needs(t, 'setcap')) return;
    const both = setUp(t, { children: ['data', 'data/a:b_c.d-e'] });
    if (!both) return;
    const { source, target, env, pipe } = both;
    const all = [...pipe, `vz-zfs-stream -q --compression ${compression}`, 'osctl-bundle', IMPORT];
    const result = await runPipe(all, { env });
    assert.equal(result.code, 0, `${result.stderr}${target.daemonLog()}`);
    const { id, state, direct, warnings } = JSON.parse(result.stdout);
    assert.deepEqual([id, state, direct, warnings], ['101', 'stopped', true, []]);
    assert.deepEqual(source.pool.snapshots(), [], 'no snapshot is left, here or there');
    const copy = join(target.dir, 'tank/ct/101');
    source.node.vzctl('stop', '101');
    // As osctld sets them, and as a mount makes them.
    const expected = /^\.d\S+ (\.\/|private\/|data\/)$/;
    const differences = treeDifferences(source.mountpoint, copy, []);
    assert.deepEqual(
      differences.filter((line) => !expected.test(line)),
      [],
    );
    assert.equal(readFileSync(join(copy, 'data/a:b_c.d-e/private/of-the-child'), 'utf8'), 'data/a:b_c.d-e\n');
    const zfs = (...args: string[]): string =>
      execFileSync('zfs', args, { env: target.nodeEnv, encoding: 'utf8' });
    for (const name of ['tank/ct/101', 'tank/ct/101/data', 'tank/ct/101/data/a:b_c.d-e'])
      assert.equal(
        zfs('get', '-H', '-o', 'value', 'canmount,mounted,uidmap', name),
        'noauto\nyes\n0:1000000:65536\n',
      );
    assert.equal(target.osctl(['ct', 'start', '101']).code, 0);
  });
}

test('nothing can start until all streams are in; an archive that ends before leaves nothing', async (t) => {
  const both = setUp(t, { plain: true, children: ['data'] });
  if (!both) return;
  const { target, env, pipe } = both;
  const file = join(target.dir, 'ct.tar');
  const made = await runPipe([...pipe, 'vz-zfs-stream -q --compression off', `osctl-bundle > ${file}`], {
    env,
  });
  assert.equal(made.code, 0, made.stderr);
  const archive = readFileSync(file);
  const names = [
    'rootfs/base.dat',
    'rootfs/data/base.dat',
    'rootfs/incremental.dat',
    'config/container.yml',
    'metadata.yml',
  ];
  for (const [index, name] of names.entries()) {
    const at = archive.lastIndexOf(Buffer.from(`${name}\0`));
    assert.notEqual(at, -1, name);
    const slowly = feedSlowly(env, ['--direct', 'root@node'], archive.subarray(0, at));
    await untilMarked(target);
    // Behind the first stream there is a root filesystem in the dataset.
    if (index > 0) await untilReceived(target);
    const started = target.osctl(['ct', 'start', '101']);
    assert.match(
      started.stderr,
      index > 0 ? /failed to mount dataset: .*canmount/ : /container failed/,
      name,
    );
    const result = await slowly.end();
    assert.equal(result.code, 65, `${name}: ${result.stderr}`);
    assert.doesNotMatch(result.stderr, /undone/, `${name}: ${target.daemonLog()}`);
    await untilUndone(target);
    assertNothingLeft(target);
  }
  const damaged = Buffer.from(archive);
  const at = archive.indexOf('rootfs/base.dat') + 512 + 312 + 312 + 200;
  damaged[at] = (damaged[at] ?? 0) ^ 1;
  const refused = await runPipe([IMPORT], { env, input: damaged });
  assert.equal(refused.code, 65, refused.stderr);
  assert.match(refused.stderr, /rootfs\/base\.dat: a checksum does not match/);
  assert.doesNotMatch(refused.stderr, /undone/, target.daemonLog());
  assertNothingLeft(target);
  const whole = await runPipe([IMPORT], { env, input: archive });
  assert.equal(whole.code, 0, whole.stderr);
  assert.equal(target.osctl(['ct', 'start', '101']).code, 0);
});

test('a stream that would set properties is refused before zfs sees it', async (t) => {
  const both = setUp(t, { plain: true });
  if (!both) return;
  const { source, target, env, pipe } = both;
  const file = join(target.dir, 'ct.tar');
  await runPipe([...pipe, 'vz-zfs-stream -q --compression off', `osctl-bundle > ${file}`], { env });
  source.pool.zfs('snapshot', `${source.dataset}@s1`);
  source.pool.zfs('set', 'canmount=on', source.dataset);
  const stream = execFileSync('zfs', ['send', '-p', `${source.dataset}@s1`], { maxBuffer: 1e9 });
  const member = (name: string): Buffer => execFileSync('tar', ['xOf', file, name]);
  const archive = (name: string, payload: Buffer): Buffer =>
    makeArchive([
      ['container.json', member('container.json')],
      [name, payload],
      ['config/container.yml', member('config/container.yml')],
      ['metadata.yml', member('metadata.yml')],
    ]);
  const zipped = execFileSync('gzip', { input: stream, maxBuffer: 1e9 });
  for (const input of [archive('rootfs/base.dat', stream), archive('rootfs/base.dat.gz', zipped)]) {
    const result = await runPipe([IMPORT], { env, input });
    assert.equal(result.code, 65, result.stderr);
    assert.match(result.stderr, /a compound stream \(zfs send -p, -R or -I\): its properties would be set/);
    assert.doesNotMatch(result.stderr, /zfs recv failed/);
    assertNothingLeft(target);
  }
});

test('a full pool: tar ends at once, the reason is said, nothing is left', async (t) => {
  const both = setUp(t, { plain: true });
  if (!both) return;
  const { source, target, env } = both;
  const big = join(target.dir, 'big');
  execFileSync('sh', ['-c', `head -c 60000000 /dev/urandom > ${big}`]);
  source.pool.zfs('set', 'quota=20M', `${source.pool.name}/node/ct`);
  const tarball = execFileSync('tar', ['--numeric-owner', '-C', target.dir, '-cz', './big'], {
    maxBuffer: 1e9,
  });
  const result = await runPipe([IMPORT], {
    env,
    input: makeArchive(changedMembers({ 'rootfs/base.tar.gz': tarball })),
  });
  assert.equal(result.code, 69, result.stderr);
  assert.match(
    result.stderr,
    /tar failed: tar: \.\/big: (Cannot write|Wrote only).*nothing is left on the node/,
  );
  assertNothingLeft(target);
});

/** Waits until the first stream is in. */
async function untilReceived({ nodeEnv }: VpsAdminOsNode): Promise<void> {
  const list = ['list', '-H', '-t', 'snapshot', '-r', 'tank/ct/101'];
  for (let tries = 0; execFileSync('zfs', list, { env: nodeEnv, encoding: 'utf8' }) === ''; tries += 1) {
    if (tries > 200) throw new Error('no snapshot has come');
    await setTimeout(100);
  }
}
