import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runsAgain } from '../support/exports.ts';
import { needs } from '../support/needs.ts';
import { runPipe, startOpenVzNode, startVpsAdminOsNode } from '../support/nodes.ts';
import { testBrokenLinks } from '../support/remote-node/broken-links.ts';
import { reachBySsh } from '../support/remote-node/remote-node.ts';
import { treeDifferences } from '../support/trees.ts';

testBrokenLinks('simfs', ['down'], 'builtin');
testBrokenLinks('zfs', ['flowing'], 'builtin');

test('a container of an old node crosses by the built-in client at both ends; the tree equals the source', async (t) => {
  if (!needs(t, 'root', 'ruby', 'sshd', 'rsync', 'setcap')) return;
  const node = startOpenVzNode(t, { sizeMib: 24 });
  const target = startVpsAdminOsNode(t);
  const remote = await reachBySsh(t, node, { include: target.sshConfig });
  if (!remote) return;
  const result = await runPipe(
    [
      `vz-parse-config --ssh builtin --legacy --conf-dir '${node.confDir}' root@vz6:101`,
      'vz-to-osctl -q --report none --netif-type routed',
      'vz-rootfs-tar',
      'osctl-bundle',
      'osctl-import --ssh builtin --direct root@node',
    ],
    { env: remote.env },
  );
  assert.equal(result.code, 0, result.stderr + target.daemonLog());
  await runsAgain(node);
  const copy = join(target.dir, 'tank/ct/101/private');
  assert.deepEqual(treeDifferences(node.privatePath, copy, ['/dev/*', '/srv/hostile/socket']), []);
  assert.match(readFileSync(join(target.dir, 'sshd.log'), 'utf8'), /Accepted publickey/);
});
