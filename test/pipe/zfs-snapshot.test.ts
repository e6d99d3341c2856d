import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { documentOf, runsAgain } from '../support/exports.ts';
import { killGuards } from '../support/guards.ts';
import { needs } from '../support/needs.ts';
import { type PipeResult, runPipe, startOpenVzNode } from '../support/nodes.ts';
import { verbs } from '../support/ploop-exports.ts';
import { startProgram } from '../support/programs.ts';
import { treeDifferences } from '../support/trees.ts';
import { zfsBehind } from '../support/zfs-bundles.ts';
import { allAsBefore, type ZfsRootNode, zfsRootNode } from '../support/zfs-exports.ts';
import { startZfsNode } from '../support/zfs-pool.ts';

const unpackTo = (copy: string): string =>
  `tar -xzp --numeric-owner --xattrs --xattrs-include='*.*' -C '${copy}'`;

async function exportTree(
  { node, document }: Pick<ZfsRootNode, 'node' | 'document'>,
  ...flags: string[]
): Promise<PipeResult & { copy: string }> {
  const copy = mkdtempSync(join(node.dir, 'copy-'));
  const result = await runPipe([`vz-rootfs-tar --raw ${flags.join(' ')}`, unpackTo(copy)], {
    env: node.env,
    input: document,
  });
  assert.equal(result.code, 0, result.stderr);
  return { ...result, copy };
}

test("a dataset's root as root filesystem: stop, snapshot, start, and the tree of the stop", async (t) => {
  const zfs = await zfsRootNode(t, { writer: true, children: ['data'] });
  if (!zfs) return;
  const { node, pool, dataset, mountpoint } = zfs;
  pool.zfs('snapshot', `${dataset}@daily-1`);
  const { copy, stderr } = await exportTree(zfs);
  assert.match(
    stderr,
    new RegExp(`the root filesystem is ${mountpoint} of the dataset ${dataset}: packed from a snapshot`),
  );
  assert.match(stderr, new RegExp(`mounted below the root and not packed: ${mountpoint}/data`));
  assert.deepEqual(verbs(node, '101'), ['stop', 'start']);
  assert.deepEqual(
    treeDifferences(mountpoint, copy, ['/dev/*', '/var/lib/writer', '/data/*']).slice(0, 3),
    [],
  );
  const [first, second] = ['first', 'second'].map((name) =>
    readFileSync(join(copy, 'var/lib/writer', name), 'utf8'),
  );
  assert.match(first ?? '', /\d/);
  assert.equal(first, second);
  await allAsBefore(zfs);
  assert.deepEqual(pool.snapshots(), [`${dataset}@daily-1`]);
});

test('it runs again before anything is read', async (t) => {
  const zfs = await zfsRootNode(t, { sizeMib: 40 });
  if (!zfs) return;
  const program = startProgram('vz-rootfs-tar', ['--compression', 'off'], zfs.node.env, zfs.document);
  program.child.stdout.once('readable', () => program.child.stdout.read(1000));
  await program.saysMatching(/: stopping/);
  await sleep(3000);
  assert.deepEqual(verbs(zfs.node, '101'), ['stop', 'start']);
  assert.equal(program.child.exitCode, null, 'nobody has read it, so it is not at its end');
  program.child.stdout.resume();
  assert.equal(await program.exit, 0, program.said());
  await allAsBefore(zfs);
});

test('private/ of a dataset is read in a snapshot as well; one that is down is read where it is', async (t) => {
  const zfs = startZfsNode(t, { plain: true });
  if (!zfs) return;
  const { node, pool } = zfs;
  const document = await documentOf(node);
  assert.equal(JSON.parse(document).source.layout, 'zfs');
  const running = await exportTree({ node, document });
  assert.deepEqual(treeDifferences(node.privatePath, running.copy, ['/dev/*']), []);
  assert.deepEqual(verbs(node, '101'), ['stop', 'start']);
  node.vzctl('stop', '101');
  const down = await exportTree({ node, document });
  assert.doesNotMatch(down.stderr, /snapshot/);
  assert.deepEqual(treeDifferences(node.privatePath, down.copy, ['/dev/*']), []);
  assert.deepEqual(pool.snapshots(), []);
});

test('what a dead run has left without a trace is removed; a snapshot is held while it is read', async (t) => {
  const zfs = await zfsRootNode(t, { sizeMib: 24 });
  if (!zfs) return;
  const { node, pool, dataset, document } = zfs;
  pool.zfs('snapshot', `${dataset}@vz2osctl-101-tar-1700000000`);
  pool.zfs('hold', 'vz2osctl', `${dataset}@vz2osctl-101-tar-1700000000`);
  pool.zfs('snapshot', `${dataset}@daily-1`);
  const program = startProgram('vz-rootfs-tar', ['--compression', 'off'], node.env, document);
  program.child.stdout.once('readable', () => program.child.stdout.read(1000));
  await program.saysMatching(/removed \S+@vz2osctl-101-tar-1700000000, which a dead run had left/);
  for (let tries = 0; !verbs(node, '101').includes('start') && tries < 300; tries += 1) await sleep(20);
  for (let tries = 0; pool.holds().length === 0 && tries < 300; tries += 1) await sleep(20);
  assert.equal(pool.holds().length, 1, pool.holds().join(' '));
  program.child.stdout.resume();
  assert.equal(await program.exit, 0, program.said());
  await allAsBefore(zfs);
  assert.deepEqual(pool.snapshots(), [`${dataset}@daily-1`]);
});

test('--no-consistent: a snapshot without a stop', async (t) => {
  const zfs = await zfsRootNode(t);
  if (!zfs) return;
  const { copy, stderr } = await exportTree(zfs, '--no-consistent');
  assert.match(stderr, /the snapshot is taken while it runs/);
  assert.deepEqual(verbs(zfs.node, '101'), []);
  assert.deepEqual(treeDifferences(zfs.mountpoint, copy, ['/dev/*']), []);
  await allAsBefore(zfs);
});

for (const how of ['us', 'the reader', 'the guard', 'both'] as const) {
  test(`killed while it packs: ${how}; nothing is left`, async (t) => {
    const zfs = await zfsRootNode(t, { sizeMib: 24 });
    if (!zfs) return;
    const { node, document, pool } = zfs;
    const program = startProgram('vz-rootfs-tar', ['--compression', 'off'], node.env, document);
    program.child.stdout.once('readable', () => program.child.stdout.read(1000));
    for (let tries = 0; !verbs(node, '101').includes('start') && tries < 300; tries += 1) await sleep(20);
    await sleep(1000);
    assert.equal(pool.snapshots().length, 1);
    if (how === 'the reader') program.child.stdout.destroy();
    if (how === 'us' || how === 'both') program.child.kill('SIGKILL');
    if (how === 'the guard' || how === 'both') await killGuards(join(node.dir, 'lock'));
    assert.equal(
      await program.exit,
      { us: 137, both: 137, 'the reader': 141, 'the guard': 74 }[how],
      program.said(),
    );
    // The lock of a dead guard is stale as soon as init has taken note.
    if (how === 'both') await exportTree(zfs, '-q', '--wait', '30s');
    await allAsBefore(zfs);
  });
}

test('a dataset that is in the place of our clone is not ours to destroy', async (t) => {
  const zfs = await zfsRootNode(t);
  if (!zfs) return;
  const { node, pool, dataset, document } = zfs;
  // Made just before the clone, under its name.
  const bin = zfsBehind(t, '[ "$1" != clone ] || { for last; do :; done; /usr/sbin/zfs create "$last"; }');
  const env = { ...node.env, PATH: `${bin}:${node.env['PATH']}` };
  const result = await runPipe(['vz-rootfs-tar'], { env, input: document });
  assert.equal(result.code, 69, result.stderr);
  assert.match(result.stderr, /zfs clone exited with 1: .*already exists/);
  await runsAgain(node);
  const others = pool
    .zfs('list', '-H', '-o', 'name', '-t', 'filesystem', '-r', pool.name)
    .split('\n')
    .filter((name) => name.startsWith(`${dataset}-vz2osctl-101-tar-`));
  assert.equal(others.length, 1, 'it is still there');
  assert.deepEqual(pool.snapshots(), []);
});

test('a zfs that fails: 74 with the reason, and the container runs', async (t) => {
  const zfs = await zfsRootNode(t);
  if (!zfs) return;
  const { node, document } = zfs;
  const bin = zfsBehind(
    t,
    '[ "$1" != snapshot ] || { echo "cannot create snapshot: out of space" >&2; exit 1; }',
  );
  const env = { ...node.env, PATH: `${bin}:${node.env['PATH']}` };
  const result = await runPipe(['vz-rootfs-tar'], { env, input: document });
  assert.equal(result.code, 74, result.stderr);
  assert.match(
    result.stderr,
    /zfs snapshot exited with 1: cannot create snapshot: out of space.*free space on the pool/,
  );
  await allAsBefore(zfs);
});

test('a dataset that is not mounted is refused', async (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const document = JSON.parse(await documentOf(node));
  document.source.dataset = 'tank/gone';
  const result = await runPipe(['vz-rootfs-tar'], { env: node.env, input: JSON.stringify(document) });
  assert.equal(result.code, 78, result.stderr);
  assert.match(result.stderr, /its dataset tank\/gone is not mounted; try: zfs mount tank\/gone/);
  assert.deepEqual(verbs(node, '101'), []);
});

/** zfs-fuse has no .zfs: a zfs of our own makes snapshots by copying, in a directory of that name. */
const WITH_ZFS_DIRECTORY = `#!/bin/sh
echo "$*" >>"$VZ_STANDIN/zfs.log"
top=$VZ_STANDIN/private/101
for last; do name=\${last#*@}; done
case $1 in
  snapshot) mkdir -p "$top/.zfs/snapshot" && cd "$top" && mkdir "$VZ_STANDIN/$name" && chmod --reference=. "$VZ_STANDIN/$name" && cp -a ./[!.]* "$VZ_STANDIN/$name" &&
    mv "$VZ_STANDIN/$name" .zfs/snapshot/ ;;
  destroy) [ ! -e "$top/.zfs/$name" ] || { echo 'dataset is busy' >&2; exit 1; }
    [ -d "$top/.zfs/snapshot/$name" ] || { echo 'could not find any snapshots to destroy; check snapshot names.' >&2; exit 1; }
    rm -r "$top/.zfs/snapshot/$name" ;;
  list) for s in "$top"/.zfs/snapshot/*; do [ ! -d "$s" ] || echo "tank/private/101@\${s##*/}"; done ;;
  hold) [ ! -e "$top/.zfs/$name" ] || exit 1; echo "$2" >"$top/.zfs/$name" ;;
  release) rm "$top/.zfs/$name" ;;
  *) exit 2 ;;
esac
`;

test('a file system with .zfs is read there: no clone; .zfs itself is never packed', async (t) => {
  if (!needs(t, 'root')) return;
  const node = startOpenVzNode(t, { plain: true });
  const { privatePath } = node;
  node.vzctl('stop', '101');
  const before = mkdtempSync(join(tmpdir(), 'vz2osctl-tree-'));
  t.after(() => rmSync(before, { recursive: true }));
  execFileSync('cp', ['-a', `${privatePath}/.`, before]);
  // The device's name is all that tells a dataset from another file system.
  execFileSync('mount', ['-t', 'tmpfs', 'tank/private/101', privatePath]);
  execFileSync('cp', ['-a', `${before}/.`, privatePath]);
  execFileSync('chmod', ['755', before, privatePath]);
  mkdirSync(join(privatePath, '.zfs/snapshot'), { recursive: true });
  const bin = join(node.dir, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'zfs'), WITH_ZFS_DIRECTORY, { mode: 0o755 });
  const env = { ...node.env, PATH: `${bin}:${node.env['PATH']}` };
  node.vzctl('start', '101');
  const document = JSON.parse(await documentOf(node));
  Object.assign(document.source, { dataset: 'tank/private/101', subdir: null });
  const zfs = { node: { ...node, env }, document: JSON.stringify(document) };
  const planned = await runPipe(['vz-rootfs-tar -n'], { env, input: zfs.document });
  assert.match(
    planned.stdout,
    /^vzctl stop 101\nzfs snapshot (\S+)@(\S+)\nvzctl start 101\nzfs hold vz2osctl \1@\2\n.*tar -C \S+\/\.zfs\/snapshot\/\2 .*\nzfs release vz2osctl \1@\2\nzfs destroy \1@\2\n$/s,
  );
  const running = await exportTree(zfs);
  assert.deepEqual(treeDifferences(before, running.copy, ['/dev/*']), []);
  const asked = readFileSync(join(node.dir, 'zfs.log'), 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[0]);
  assert.deepEqual(asked, ['list', 'snapshot', 'hold', 'list', 'release', 'destroy', '']);
  await runsAgain(node);
  node.vzctl('stop', '101');
  assert.deepEqual(treeDifferences(before, (await exportTree(zfs)).copy, ['/dev/*']), []);
});
