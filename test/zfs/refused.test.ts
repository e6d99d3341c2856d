import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RUNNING } from '../support/exports.ts';
import { type PipeResult, runPipe } from '../support/nodes.ts';
import { assertClean, memberNames, memberOf, wrappedZfs, zfsDocument } from '../support/zfs-bundles.ts';
import { startZfsNode, type ZfsNode } from '../support/zfs-pool.ts';

async function run(made: ZfsNode, source = {}, flags = '', path = ''): Promise<PipeResult> {
  const env = { ...made.node.env, PATH: `${path}:${made.node.env['PATH']}` };
  return runPipe([`vz-zfs-stream ${flags}`], { env, input: await zfsDocument(made, source) });
}

test('what cannot become a good export is refused before anything is touched', async (t) => {
  const made = startZfsNode(t, { plain: true, children: ['data'] });
  if (!made) return;
  const { node, pool, dataset } = made;
  const cases: readonly (readonly [object, string, number, RegExp])[] = [
    [{ layout: 'simfs' }, '', 78, /use vz-rootfs-tar/],
    [{ layout: 'ploop' }, '', 78, /a ploop container.*use vz-rootfs-tar/],
    [{ subdir: null }, '', 78, /the dataset's own root.*use vz-rootfs-tar/],
    [{ dataset: null }, '', 65, /does not say which dataset/],
    [{ dataset: `${dataset}@a` }, '', 65, /does not say which dataset/],
    [{ dataset: `${pool.name}/none` }, '', 66, /no ZFS dataset/],
    [{ dataset: `${dataset}/data` }, '', 78, /lies on .*101, not on the dataset .*101\/data/],
    [{ privatePath: made.mountpoint }, '', 78, /is not private\/ of the dataset/],
    [{ privatePath: '/none/such' }, '', 66, /is no directory/],
    [{}, '--max-downtime 5s', 78, /more than --max-downtime 5.0 s; nothing was stopped/],
  ];
  for (const [source, flags, code, text] of cases) {
    const result = await run(made, source, flags);
    assert.equal(result.code, code, `${JSON.stringify(source)} ${result.stderr}`);
    assert.match(result.stderr, text);
    assert.equal(result.bytes.length, 0);
  }
  // Made after the document.
  const input = await zfsDocument(made);
  pool.zfs('create', `${dataset}/two words`);
  const named = await runPipe(['vz-zfs-stream'], { env: node.env, input });
  assert.equal(named.code, 78, named.stderr);
  assert.match(named.stderr, /two words: the name of this subdataset cannot be had on the target; rename it/);
  assert.deepEqual(node.log(), []);
  assertClean(pool);
});

test('a suspended container is refused', async (t) => {
  const made = startZfsNode(t, { plain: true });
  if (!made) return;
  made.node.vzctl('stop', '101');
  writeFileSync(join(made.node.dir, 'dump/Dump.101'), '');
  const result = await run(made);
  assert.equal(result.code, 78);
  assert.match(result.stderr, /suspended/);
});

const DAMAGES: readonly (readonly [string, string, number, RegExp])[] = [
  [
    'a flipped byte',
    `/usr/sbin/zfs "$@" | sed 's/the needle/The needle/'; exit 0`,
    65,
    /checksum does not match/,
  ],
  ['a stream cut off, with success', '/usr/sbin/zfs "$@" | head -c 20000; exit 0', 65, /cut off/],
  [
    'a stream cut off, with a failure',
    '/usr/sbin/zfs "$@" | head -c 20000; echo "internal error: broken" >&2; exit 1',
    74,
    /zfs send exited with 1: internal error: broken/,
  ],
  ['no stream at all', 'exit 0', 65, /nothing came/],
  [
    'a full stream in place of an increment',
    'shift 3; exec /usr/sbin/zfs send "$@"',
    65,
    /builds on none, it is full; expected snapshot/,
  ],
];

for (const [what, line, code, text] of DAMAGES) {
  for (const compression of ['off', 'gzip']) {
    test(`${what} (--compression ${compression}): ${code}, no trailer, nothing left`, async (t) => {
      const made = startZfsNode(t, { plain: true });
      if (!made) return;
      writeFileSync(
        join(made.node.privatePath, 'haystack'),
        `${'hay '.repeat(100)}the needle${' hay'.repeat(100)}`,
      );
      const condition = what.includes('increment') ? `case "$*" in *-i*) ${line} ;; esac` : line;
      const bin = wrappedZfs(t, condition);
      const result = await run(made, {}, `--compression ${compression}`, bin);
      assert.equal(result.code, code, result.stderr);
      assert.match(result.stderr, text);
      assert.match(result.stderr, new RegExp(made.dataset));
      assert.ok(!result.bytes.includes('end.json'));
      assert.equal(made.node.status(), RUNNING);
      assertClean(made.pool);
    });
  }
}

test('a gzip that fails: 74, nothing left', async (t) => {
  const made = startZfsNode(t, { plain: true, sizeMib: 8 });
  if (!made) return;
  const bin = wrappedZfs(t, ':');
  for (const name of ['igzip', 'pigz', 'gzip'])
    writeFileSync(join(bin, name), '#!/bin/sh\nhead -c 100 >/dev/null\necho "no memory" >&2\nexit 1\n', {
      mode: 0o755,
    });
  const result = await run(made, {}, '', bin);
  assert.equal(result.code, 74, result.stderr);
  assert.match(result.stderr, /igzip exited with 1: no memory/);
  assert.equal(made.node.status(), RUNNING);
  assertClean(made.pool);
});

test('a dataset made between the snapshots is named, one that vanishes is an error', async (t) => {
  const made = startZfsNode(t, { plain: true, children: ['data'] });
  if (!made) return;
  const { node, pool, dataset } = made;
  const action = join(node.confDir, '101.stop');
  writeFileSync(action, `#!/bin/sh\nzfs create ${dataset}/late\n`, { mode: 0o755 });
  const late = await run(made);
  assert.equal(late.code, 0, late.stderr);
  assert.match(late.stderr, /warning: .*made after the first snapshot, and not sent: .*101\/late/);
  assert.ok(!memberNames(late.bytes).some((name) => name.includes('late')));
  assert.match(memberOf(late.bytes, 'end.json').toString(), /made after the first snapshot/);
  assertClean(pool);

  const child = `${dataset}/data`;
  const destroy = `zfs list -H -o name -t snapshot -r ${child} | xargs -n 1 zfs release vz2osctl; for n in 1 2 3 4 5 6; do zfs destroy -r ${child} && exit 0; sleep 1; done; exit 1`;
  writeFileSync(action, `#!/bin/sh\n${destroy}\n`, { mode: 0o755 });
  const gone = await run(made);
  assert.equal(gone.code, 74, gone.stderr);
  assert.match(gone.stderr, /101\/data or its snapshot vanished/);
  assert.equal(node.status(), RUNNING);
  assertClean(pool);
});
