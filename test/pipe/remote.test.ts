import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { RUNNING, runsAgain } from '../support/exports.ts';
import { needs } from '../support/needs.ts';
import { runPipe, startOpenVzNode, startVpsAdminOsNode } from '../support/nodes.ts';
import { nothingLeft, PLOOP, ploopNode } from '../support/ploop-exports.ts';
import { reachBySsh } from '../support/remote-node/remote-node.ts';
import { treeDifferences } from '../support/trees.ts';
import { assertClean, receive } from '../support/zfs-bundles.ts';
import { allAsBefore, zfsRootNode } from '../support/zfs-exports.ts';
import { startZfsNode } from '../support/zfs-pool.ts';

const convert = 'vz-to-osctl -q --report none --netif-type routed';
const parse = (confDir: string, ctid = '101', flags = ''): string =>
  `vz-parse-config ${flags} --conf-dir '${confDir}' root@vz6:${ctid}`;
/** Never packed: sockets and what is in /dev. The private directory's own mode is OpenVZ's. */
const NOT_PACKED = ['/dev/*', '/srv/hostile/socket'];

function scratch(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-remote-export-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

test('an old node is looked at over ssh as if we were on it', async (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const config = join(node.confDir, '101.conf');
  writeFileSync(
    config,
    Buffer.concat([readFileSync(config), Buffer.from('DESCRIPTION="caf\xe9"\n', 'latin1')]),
  );
  const remote = await reachBySsh(t, node);
  if (!remote) return;
  for (const level of ['fast', 'deep']) {
    const command = parse(node.confDir, '101', `--facts ${level}`);
    const far = await runPipe([command], { env: remote.env });
    assert.equal(far.code, 0, far.stderr);
    const near = await runPipe([command.replace('root@vz6:', '')], { env: node.env });
    const [one, other] = [far, near].map(({ stdout }) => JSON.parse(stdout));
    assert.equal(one.source.host.name, 'vz6');
    const { tar, compressors, rsync } = one.facts.node.programs;
    assert.deepEqual(
      [tar, compressors, rsync],
      [{ version: '1.23', xattrs: true, sparse: true }, ['gzip'], '3.0.6'],
    );
    other.source.host = one.source.host;
    other.facts.node.programs = one.facts.node.programs;
    other.facts.node.free = one.facts.node.free;
    assert.deepEqual(one, other);
    const { encoding, content } = one.source.files[0];
    assert.deepEqual(Buffer.from(content, encoding), readFileSync(config));
  }
  const all = await runPipe([`vz-parse-config --conf-dir '${node.confDir}' --all root@vz6`], {
    env: remote.env,
  });
  assert.equal(all.code, 0, all.stderr);
  assert.deepEqual(
    all.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).ctid),
    ['101'],
  );
  const named = await runPipe([parse(node.confDir, 'web1')], { env: remote.env });
  assert.equal(JSON.parse(named.stdout).ctid, '101');
  const none = await runPipe([parse(node.confDir, '999')], { env: remote.env });
  assert.equal(none.code, 66, none.stderr);
});

test('a simfs container of an old node arrives on a vpsAdminOS node, and the tree equals the source', async (t) => {
  if (!needs(t, 'root', 'ruby', 'sshd', 'rsync', 'setcap')) return;
  const node = startOpenVzNode(t, { sizeMib: 24 });
  const target = startVpsAdminOsNode(t);
  const remote = await reachBySsh(t, node, { include: target.sshConfig });
  if (!remote) return;
  const pipe = [parse(node.confDir), convert, 'vz-rootfs-tar', 'osctl-bundle', 'osctl-import root@node'];
  const result = await runPipe(pipe, { env: remote.env });
  assert.equal(result.code, 0, result.stderr + target.daemonLog());
  await runsAgain(node);
  const copy = join(target.dir, 'tank/ct/101/private');
  assert.deepEqual(treeDifferences(node.privatePath, copy, NOT_PACKED), []);
});

test('--no-consistent, and a node of Debian 7, whose tar stores no extended attributes', async (t) => {
  if (!needs(t, 'root', 'ruby', 'rsync')) return;
  const node = startOpenVzNode(t, { plain: true });
  const remote = await reachBySsh(t, node, { userland: 'debian7' });
  if (!remote) return;
  const before = node.log().length;
  const dir = scratch(t);
  const result = await runPipe(
    [
      parse(node.confDir),
      convert,
      'vz-rootfs-tar --no-consistent --raw',
      `tar -xzp --numeric-owner -C ${dir}`,
    ],
    { env: remote.env },
  );
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(treeDifferences(node.privatePath, dir, NOT_PACKED), []);
  assert.equal(node.log().length, before);
});

for (const flags of ['', '--no-ploop-snapshot']) {
  test(`a ploop container of an old node ${flags}`, async (t) => {
    const ploop = await ploopNode(t, { sizeMib: 8 });
    if (!ploop) return;
    const { node } = ploop;
    const remote = await reachBySsh(t, node);
    if (!remote) return;
    const dir = scratch(t);
    const result = await runPipe(
      [
        parse(node.confDir, PLOOP),
        convert,
        `vz-rootfs-tar --raw ${flags}`,
        `tar -xzp --numeric-owner --xattrs-include='*' -C ${dir}`,
      ],
      { env: remote.env },
    );
    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual(treeDifferences(ploop.rootPath, dir, [...NOT_PACKED, '/lost+found']), []);
    await runsAgain(node, PLOOP);
    nothingLeft(ploop);
  });
}

test('a container in a ZFS dataset of an old node, packed from a snapshot', async (t) => {
  const made = await zfsRootNode(t);
  if (!made) return;
  const remote = await reachBySsh(t, made.node);
  if (!remote) return;
  const dir = scratch(t);
  const result = await runPipe(
    [parse(made.node.confDir), convert, 'vz-rootfs-tar --raw', `tar -xzp --numeric-owner -C ${dir}`],
    { env: remote.env },
  );
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(treeDifferences(made.mountpoint, dir, NOT_PACKED), []);
  await allAsBefore(made);
});

test('datasets of an old node are sent over ssh', async (t) => {
  const made = startZfsNode(t, { plain: true, children: ['data'] });
  if (!made) return;
  const { node, pool } = made;
  const remote = await reachBySsh(t, node);
  if (!remote) return;
  const bundle = await runPipe([parse(node.confDir), `${convert} --zfs`, 'vz-zfs-stream', 'osctl-bundle'], {
    env: remote.env,
  });
  assert.equal(bundle.code, 0, bundle.stderr);
  assert.equal(node.status(), RUNNING);
  assertClean(pool);
  const copy = receive(pool, bundle.bytes);
  assert.deepEqual(treeDifferences(join(made.mountpoint, 'private'), join(copy, 'private'), ['/dev/*']), []);
});
