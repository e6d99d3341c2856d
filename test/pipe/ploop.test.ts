import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { needs } from '../support/needs.ts';
import { runPipe, startVpsAdminOsNode } from '../support/nodes.ts';
import {
  allAsBefore,
  nothingLeft,
  PLOOP,
  type PloopNode,
  ploopNode,
  verbs,
} from '../support/ploop-exports.ts';
import { startProgram } from '../support/programs.ts';
import { treeDifferences } from '../support/trees.ts';

const WITH_SNAPSHOT = ['stop', 'snapshot', 'start', 'snapshot-mount', 'snapshot-umount', 'snapshot-delete'];
const WITHOUT_SNAPSHOT = ['stop --skip-umount', 'start'];
/** Never packed: sockets and what is in /dev. */
const NOT_PACKED = ['/dev/*', '/srv/hostile/socket'];

/** Runs vz-rootfs-tar, unpacks what it wrote with GNU tar, and returns where. */
async function exportTree({ node, document }: PloopNode, ...flags: string[]): Promise<string> {
  const copy = join(node.dir, 'copy');
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy);
  const unpack = `tar -xzp --numeric-owner --xattrs --xattrs-include='*.*' -C '${copy}'`;
  const result = await runPipe([`vz-rootfs-tar --raw ${flags.join(' ')}`, unpack], {
    env: node.env,
    input: document,
  });
  assert.equal(result.code, 0, result.stderr);
  return copy;
}

const lastLines = (tree: string): string[] =>
  ['first', 'second'].map((name) =>
    execFileSync('tail', ['-n', '1', join(tree, 'var/lib/writer', name)]).toString(),
  );

test('the archive of a running ploop container imports, and the tree equals the source', async (t) => {
  if (!needs(t, 'ruby', 'sshd', 'rsync', 'setcap')) return;
  const ploop = await ploopNode(t, { plain: false, sizeMib: 8 });
  if (!ploop) return;
  const { node, document, rootPath } = ploop;
  const target = startVpsAdminOsNode(t);
  const archive = join(node.dir, 'ct-102.tar');
  const result = await runPipe(['vz-rootfs-tar', `osctl-bundle > '${archive}'`], {
    env: node.env,
    input: document,
  });
  assert.equal(result.code, 0, result.stderr);
  assert.match(result.stderr, /a ploop container: packed from a snapshot of its image/);
  assert.deepEqual(verbs(node), WITH_SNAPSHOT);
  const imported = target.osctl(['ct', 'import', archive]);
  assert.equal(imported.code, 0, imported.stderr + target.daemonLog());
  const copy = join(target.dir, 'tank/ct/102/private');
  assert.deepEqual(treeDifferences(rootPath, copy, NOT_PACKED), []);
  await allAsBefore(ploop);
});

for (const [how, flags, expected] of [
  ['a snapshot', [], WITH_SNAPSHOT],
  ['--no-ploop-snapshot', ['--no-ploop-snapshot'], WITHOUT_SNAPSHOT],
] as const) {
  test(`consistent by ${how}: the state at the stop, and the container runs again`, async (t) => {
    const ploop = await ploopNode(t, { writer: true, sizeMib: 8 });
    if (!ploop) return;
    const copy = await exportTree(ploop, ...flags);
    assert.deepEqual(verbs(ploop.node), expected);
    const [first, second] = lastLines(copy);
    assert.match(first ?? '', /\d/);
    assert.equal(first, second);
    await allAsBefore(ploop);
  });
}

test('it runs again before anything is read: the reader decides nothing about the downtime', async (t) => {
  const ploop = await ploopNode(t, { sizeMib: 40 });
  if (!ploop) return;
  const { node, document } = ploop;
  const program = startProgram('vz-rootfs-tar', ['--compression', 'off'], node.env, document);
  for (let tries = 0; !verbs(node).includes('snapshot-mount') && tries < 200; tries += 1) await sleep(50);
  await sleep(1000);
  assert.equal(node.status(PLOOP), 'CTID 102 exist mounted running');
  assert.equal(program.child.exitCode, null, 'nobody has read it, so it is not at its end');
  program.child.stdout.resume();
  assert.equal(await program.exit, 0, program.said());
  const atMs = (verb: string, what: RegExp): number =>
    node.log().find((entry) => entry.verb === verb && entry.ctid === PLOOP && what.test(entry.what))?.atMs ??
    NaN;
  assert.ok(atMs('start', /end 0/) < atMs('snapshot-mount', /begin/));
  assert.ok(atMs('start', /end 0/) - atMs('stop', /begin/) < 5000);
  assert.match(program.said(), /it was down for \d/);
  await allAsBefore(ploop);
});

test('a vzctl without snapshot-mount: stopped with the image kept mounted, down for the copy', async (t) => {
  const ploop = await ploopNode(t);
  if (!ploop) return;
  writeFileSync(join(ploop.node.stateDir, 'no-verb-snapshot-mount'), '');
  // The document may be older than the vzctl that is there; a new one says what there is.
  const again = await runPipe(
    [`vz-parse-config --conf-dir '${ploop.node.confDir}' 102`, 'vz-to-osctl -q --report none'],
    { env: ploop.node.env },
  );
  const result = await runPipe(['vz-rootfs-tar', 'cat >/dev/null'], {
    env: ploop.node.env,
    input: again.stdout,
  });
  assert.equal(result.code, 0, result.stderr);
  assert.match(result.stderr, /packed from where its image is mounted/);
  assert.deepEqual(verbs(ploop.node), WITHOUT_SNAPSHOT);
  await allAsBefore(ploop);
});

test('one that is down is mounted, packed and unmounted; one that is mounted stays mounted', async (t) => {
  const ploop = await ploopNode(t);
  if (!ploop) return;
  const { node, rootPath } = ploop;
  node.vzctl('stop', PLOOP);
  writeFileSync(join(node.stateDir, 'log'), '');
  const copy = await exportTree(ploop);
  assert.deepEqual(verbs(node), ['mount', 'umount']);
  assert.equal(node.status(PLOOP), 'CTID 102 exist unmounted down');
  node.vzctl('mount', PLOOP);
  assert.deepEqual(treeDifferences(rootPath, copy, ['/dev/*']), []);
  writeFileSync(join(node.stateDir, 'log'), '');
  assert.deepEqual(treeDifferences(rootPath, await exportTree(ploop), ['/dev/*']), []);
  assert.deepEqual(verbs(node), []);
  assert.equal(node.status(PLOOP), 'CTID 102 exist mounted down');
  nothingLeft(ploop);
});

test('--no-consistent: a snapshot of it as it runs, or the mounted tree; never a stop', async (t) => {
  const ploop = await ploopNode(t, { writer: true });
  if (!ploop) return;
  await exportTree(ploop, '--no-consistent');
  assert.deepEqual(verbs(ploop.node), ['snapshot', 'snapshot-mount', 'snapshot-umount', 'snapshot-delete']);
  await allAsBefore(ploop);
  writeFileSync(join(ploop.node.stateDir, 'log'), '');
  await exportTree(ploop, '--no-consistent', '--no-ploop-snapshot', '-q');
  assert.deepEqual(verbs(ploop.node), []);
});

test("ploop's balloon is not packed", async (t) => {
  const ploop = await ploopNode(t);
  if (!ploop) return;
  const balloon = join(ploop.rootPath, '.balloon-c3a5ae3d-ce7f-43c4-a1ea-c61e2b4504e8');
  execFileSync('fallocate', ['-l', '32M', balloon]);
  const copy = await exportTree(ploop);
  assert.equal(execFileSync('find', [copy, '-name', '.balloon*']).toString(), '');
  rmSync(balloon);
  assert.deepEqual(treeDifferences(ploop.rootPath, copy, ['/dev/*']), []);
});

test('-n does nothing, and prints lines to paste', async (t) => {
  const ploop = await ploopNode(t);
  if (!ploop) return;
  const { node, document } = ploop;
  const dryRun = async (...flags: string[]): Promise<string[]> => {
    const result = await runPipe([`vz-rootfs-tar -n ${flags.join(' ')}`], { env: node.env, input: document });
    assert.equal(result.code, 0, result.stderr);
    return result.stdout.trimEnd().split('\n');
  };
  const start = (lines: string[]): string[] => lines.map((line) => line.split(' ').slice(0, 2).join(' '));
  assert.deepEqual(start(await dryRun()), [
    ...['vzctl stop', 'vzctl snapshot', 'vzctl start', `mkdir ${node.dir}/lock/102.vz2osctl-tree`],
    ...['vzctl snapshot-mount', '{ {', 'vzctl snapshot-umount', `rmdir ${node.dir}/lock/102.vz2osctl-tree`],
    'vzctl snapshot-delete',
  ]);
  const kept = await dryRun('--no-ploop-snapshot');
  assert.equal(kept[0], 'vzctl stop 102 --skip-umount');
  assert.deepEqual(start(kept), ['vzctl stop', '{ {', 'vzctl start']);
  assert.deepEqual(verbs(node), []);
  node.vzctl('stop', PLOOP);
  assert.deepEqual(start(await dryRun()), ['vzctl mount', '{ {', 'vzctl umount']);
});
