import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RUNNING } from '../support/exports.ts';
import { needs } from '../support/needs.ts';
import { runPipe, type VpsAdminOsNode } from '../support/nodes.ts';
import { treeDifferences } from '../support/trees.ts';
import { setUpBoth } from './zfs-to-node.ts';

/** zfs-fuse has no files without a name, which the spool file is. */
function spooled({ dir }: VpsAdminOsNode): string {
  return `osctl-import --spool-dir '${dir}' root@node`;
}

test('a running container in its dataset: found, sent, bundled, imported; the trees are equal', async (t) => {
  if (!needs(t, 'setcap')) return;
  const both = setUpBoth(t, { children: ['data', 'data/a:b_c.d-e'], writer: true });
  if (!both) return;
  const { source, target, env, parse } = both;
  const pipe = [
    parse,
    'vz-to-osctl --report none --netif-type routed',
    'vz-zfs-stream',
    'osctl-bundle',
    spooled(target),
  ];
  const result = await runPipe(pipe, { env });
  assert.equal(result.code, 0, `${result.stderr}${target.daemonLog()}`);
  assert.match(result.stderr, /vz-to-osctl: warning: ct 101: .*come along.*\/data, .* \[ZFS_SUBDATASETS\]/);
  const report = JSON.parse(result.stdout);
  assert.deepEqual([report.id, report.state, report.warnings], ['101', 'stopped', []]);
  assert.equal(source.node.status(), RUNNING);
  const left = source.pool.snapshots();
  assert.deepEqual(left, [], 'no snapshot is left, here or there');

  // The writer goes on in the source: what it wrote to two files agrees in the copy, which is of the stop.
  const copy = join(target.dir, 'tank/ct/101');
  const written = ['first', 'second'].map((name) =>
    readFileSync(join(copy, 'private/var/lib/writer', name), 'utf8'),
  );
  assert.equal(written[0], written[1]);
  assert.ok((written[0] ?? '').length > 0);
  source.node.vzctl('stop', '101');
  const differences = treeDifferences(source.mountpoint, copy, ['/private/var/lib/writer/*']);
  // osctld sets the modes of a dataset's root and of private/; the mount of a dataset makes a directory above it.
  const expected = /^\.d\S+ (\.\/|private\/|data\/|private\/var\/lib\/writer\/)$/;
  assert.deepEqual(
    differences.filter((line) => !expected.test(line) && !line.startsWith('find: ./private/var/lib/writer/')),
    [],
  );
  assert.equal(readFileSync(join(copy, 'data/a:b_c.d-e/private/of-the-child'), 'utf8'), 'data/a:b_c.d-e\n');
  assert.equal(target.osctl(['ct', 'start', '101']).code, 0);
});

test('the archive in a file is verified, and refused once it is damaged', async (t) => {
  const both = setUpBoth(t, { plain: true, children: ['data'] });
  if (!both) return;
  const { source, target, env, parse } = both;
  const file = join(target.dir, 'ct.tar');
  const flags = `--zfs-dataset '${source.dataset}' --zfs-subdir private`;
  const pipe = [parse, `vz-to-osctl -q --report none ${flags}`, 'vz-zfs-stream --compression off -q'];
  const made = await runPipe([...pipe, `osctl-bundle > ${file}`], { env });
  assert.equal(made.code, 0, made.stderr);
  const whole = await runPipe([`osctl-bundle --verify ${file}`], { env });
  assert.equal(whole.code, 0, whole.stdout);
  const { ok, format, errors, warnings } = JSON.parse(whole.stdout);
  assert.deepEqual({ ok, format, errors, warnings }, { ok: true, format: 'zfs', errors: [], warnings: [] });

  const bytes = readFileSync(file);
  const at = bytes.indexOf('rootfs/base.dat') + 512 + 312 + 312 + 200;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  const damaged = await runPipe([`osctl-bundle --verify ${file}`], { env });
  assert.equal(damaged.code, 65);
  assert.match(damaged.stdout, /rootfs\/base\.dat: a checksum does not match.*record \d+, offset \d+/);
  const refused = await runPipe([`${spooled(target)} < ${file}`], { env });
  assert.equal(refused.code, 65, refused.stderr);
  assert.match(refused.stderr, /a checksum does not match/);
  assert.equal(target.osctl(['-j', 'ct', 'ls']).stdout.trim(), '[]');
});

test('bare streams become an archive, unless they do not belong together', async (t) => {
  const both = setUpBoth(t, { plain: true });
  if (!both) return;
  const { source, target, env, parse } = both;
  const { pool, dataset, mountpoint } = source;
  const send = (file: string, ...args: string[]): void =>
    writeFileSync(join(target.dir, file), execFileSync('zfs', ['send', ...args], { maxBuffer: 1e9 }));
  for (const name of ['s1', 's2', 's3']) {
    writeFileSync(join(mountpoint, 'private/state'), `${name}\n`);
    pool.zfs('snapshot', `${dataset}@${name}`);
  }
  send('base', `${dataset}@s1`);
  send('next', '-i', '@s1', `${dataset}@s2`);
  send('later', '-i', '@s2', `${dataset}@s3`);
  send('properties', '-p', `${dataset}@s1`);
  writeFileSync(join(target.dir, 'names'), '["s1", "s2"]');
  const toDocument = await runPipe([parse, `vz-to-osctl -q --report none > ${target.dir}/document`], { env });
  assert.equal(toDocument.code, 0, toDocument.stderr);
  const { source: found } = JSON.parse(readFileSync(join(target.dir, 'document'), 'utf8'));
  assert.deepEqual([found.layout, found.dataset, found.subdir], ['zfs', dataset, 'private']);
  assert.deepEqual(found.facts.node.programs.zfsSend, ['R', 'D', 'p'], "zfs-fuse's");
  assert.equal(found.facts.node.programs.snapshotMount, true);
  const bundle = (base: string, increment: string): string =>
    `osctl-bundle --container document --payload rootfs/base.dat=${base} --payload rootfs/incremental.dat=${increment} --payload snapshots.yml=names`;
  const cd = `cd '${target.dir}' &&`;
  const good = await runPipe([`${cd} ${bundle('base', 'next')}`, spooled(target)], { env });
  assert.equal(good.code, 0, `${good.stderr}${target.daemonLog()}`);
  assert.equal(readFileSync(join(target.dir, 'tank/ct/101/private/state'), 'utf8'), 's2\n');
  for (const [base, increment, message] of [
    ['base', 'later', /rootfs\/incremental\.dat: builds on snapshot [0-9a-f]{16}, expected snapshot/],
    ['base', 'base', /builds on nothing \(a full stream\), expected snapshot/],
    [
      'next',
      'next',
      /rootfs\/base\.dat: builds on snapshot [0-9a-f]{16}, expected nothing \(a full stream\)/,
    ],
    ['properties', 'next', /rootfs\/base\.dat: a compound stream \(zfs send -p, -R or -I\)/],
  ] as const) {
    const result = await runPipe([`${cd} ${bundle(base, increment)} -o out.tar`], { env });
    assert.equal(result.code, 65, `${base} ${increment}`);
    assert.match(result.stderr, message);
  }
});
