import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { validateDocument } from '../../lib/documents/validate.ts';
import type { VpsAdminOsNode } from '../support/nodes.ts';
import { runPipe } from '../support/nodes.ts';
import { containerDocument } from './archives.ts';
import { GOOD, setUp, withDocument } from './import-node.ts';

/** What a node of vpsAdminOS has in /run/osctl; `cat` of its sessions finds it below DIR/run-osctl. */
function setRunOsctl(node: VpsAdminOsNode, files: Record<string, string>): void {
  mkdirSync(join(node.dir, 'bin'), { recursive: true });
  const cat = `#!/bin/sh
case $1 in /run/osctl/*) exec /bin/cat "$VPSADMINOS_STANDIN/run-osctl/\${1#/run/osctl/}" ;; esac
exec /bin/cat "$@"
`;
  writeFileSync(join(node.dir, 'bin/cat'), cat, { mode: 0o755 });
  for (const [name, content] of Object.entries(files)) {
    const path = join(node.dir, 'run-osctl', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}

/** Every file of the node with its type, mode, owner, times and content, but for the log of its sshd. */
function everything({ dir }: VpsAdminOsNode): string {
  const script = `find . ! -name sshd.log -printf '%p %y %m %u %g %T@ %C@ %l\n' | sort
    find . -type f ! -name sshd.log -exec sha256sum {} + | sort`;
  return execFileSync('sh', ['-c', script], { cwd: dir, encoding: 'utf8', maxBuffer: 1e8 });
}

test('tells what a node is and has, in one document, and changes nothing there', async (t) => {
  const { node } = setUp(t) ?? {};
  if (!node) return;
  const key = 'command="/run/osctl/send-receive/run tank default",restrict ssh-ed25519 AAAA x\n';
  setRunOsctl(node, { 'cgroup.version': '2\n', 'send-receive/authorized_keys': key });
  const address = { type: 'routed', name: 'eth0', hwaddr: null } as const;
  const v4 = ['203.0.113.7/32'];
  const netif = { ...address, ip_addresses: { v4, v6: [] }, routes: { v4, v6: [] } };
  const { config } = containerDocument();
  const made = 'ct new --skip-image --distribution centos --version 6 --arch x86_64 101'.split(' ');
  assert.equal(node.osctl(made).code, 0);
  const text = JSON.stringify({ ...config, net_interfaces: [netif] });
  assert.equal(node.osctl(['ct', 'config', 'replace', '101'], text).code, 0);
  const before = everything(node);
  const result = await runPipe(['osctl-probe root@node'], { env: node.env });
  assert.equal(result.code, 0, result.stderr);
  assert.equal(everything(node), before);
  const document = validateDocument(JSON.parse(result.stdout), 'vpsadminos-node', 'stdout');
  assert.deepEqual(
    [document.node, document.pool, document.osctlVersion, document.cgroupVersion, document.receiveProtocol],
    ['root@node', null, '24.05.0', 2, 1],
  );
  assert.deepEqual(document.mapModes, ['zfs']);
  assert.deepEqual(document.containers, [
    { pool: 'tank', id: '101', state: 'stopped', user: '101', mapMode: 'zfs' },
  ]);
  assert.deepEqual(document.users, [{ pool: 'tank', name: '101' }]);
  const [pool] = document.pools;
  assert.deepEqual([pool?.name, pool?.state, pool?.containerDatasets], ['tank', 'active', ['tank/ct/101']]);
  assert.match(pool?.availableBytes ?? '', /^[1-9]\d+$/);
  assert.ok(document.groups?.[0]?.devices?.some(({ major, minor }) => major === 5 && minor === 2));
  assert.ok(
    document.addresses.known.some((one) => one.address === '203.0.113.7' && one.where === 'container 101'),
  );
  assert.ok(document.architectures?.includes(execFileSync('uname', ['-m'], { encoding: 'utf8' }).trim()));
  assert.notEqual(document.bridges, null);
  // With the built-in client as well, and for one pool.
  const builtin = await runPipe(['osctl-probe --ssh builtin root@node:tank --pretty'], { env: node.env });
  assert.equal(builtin.code, 0, builtin.stderr);
  assert.deepEqual(JSON.parse(builtin.stdout).pool, 'tank');
});

test('a newer node tells its generation and its map modes', async (t) => {
  const { node } = setUp(t) ?? {};
  if (!node) return;
  const key = `command="/run/osctl/send-receive/run tank default ${'a'.repeat(64)}",restrict ssh-ed25519 AAAA x\n`;
  setRunOsctl(node, { 'send-receive/authorized_keys': key });
  node.set('newer', '');
  const result = await runPipe(['osctl-probe root@node'], { env: node.env });
  assert.equal(result.code, 0, result.stderr);
  const { receiveProtocol, mapModes, cgroupVersion } = JSON.parse(result.stdout);
  assert.deepEqual([receiveProtocol, mapModes, cgroupVersion], [2, ['native', 'zfs'], null]);
});

test('what is wrong has its exit code', async (t) => {
  const { node } = setUp(t) ?? {};
  if (!node) return;
  const code = async (args: string): Promise<[number, string]> => {
    const { code: exit, stderr, stdout } = await runPipe([`osctl-probe ${args}`], { env: node.env });
    assert.equal(stdout, '');
    return [exit, stderr];
  };
  assert.deepEqual((await code('root@node:none'))[0], 78);
  assert.deepEqual((await code(''))[0], 64);
  assert.deepEqual((await code('root@node/x'))[0], 64);
  mkdirSync(join(node.dir, 'bin'), { recursive: true });
  writeFileSync(join(node.dir, 'bin/osctl'), '#!/bin/sh\nexit 127\n', { mode: 0o755 });
  const [exit, said] = await code('root@node');
  assert.equal(exit, 69);
  assert.match(said, /is this a vpsAdminOS node/);
});

test('an import is refused for a blocker unless it is ignored', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const blocker = { code: 'VSYSCALL', text: 'dies', evidence: 'glibc 2.12', remedy: 'take another node' };
  const changes = {
    node: { name: 'root@node', at: '2026-01-02T03:04:05Z', pool: 'tank', availableBytes: null },
    blockers: [blocker],
  };
  const archive = withDocument(changes);
  for (const how of ['', '--direct']) {
    const refused = await run(how, archive);
    assert.equal(refused.code, 78, refused.stderr);
    assert.match(
      refused.stderr,
      /dies \(glibc 2\.12\); take another node .*--ignore VSYSCALL; nothing was imported\n$/,
    );
  }
  const look = await run('-n', `${JSON.stringify(containerDocument(changes))}\n`);
  assert.equal(look.code, 78);
  assert.deepEqual(
    JSON.parse(look.stdout).refusals.map(({ code }: { code: string }) => code),
    ['VSYSCALL'],
  );
  assert.equal((await run('--ignore NOTHING', archive)).code, 64);
  const imported = await run('--ignore VSYSCALL --ignore CGROUP_V2', archive);
  assert.equal(imported.code, 0, imported.stderr);
  const { warnings } = JSON.parse(imported.stdout);
  assert.match(warnings[0].text, /^ignored: dies/);
  // One without blockers, as before.
  node.osctl(['ct', 'del', '101']);
  assert.equal((await run('', GOOD)).code, 0);
});
