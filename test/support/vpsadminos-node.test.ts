import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { needs } from './needs.ts';
import { runPipe, startVpsAdminOsNode, type VpsAdminOsNode } from './nodes.ts';

test('ssh root@node runs osctl and zfs; the host key is checked', async (t) => {
  const node = startNode(t);
  if (!node) return;
  const ssh = 'ssh -o BatchMode=yes -o StrictHostKeyChecking=yes root@node';
  const pools = await runPipe(`${ssh} osctl -j pool ls`, { env: node.env });
  assert.equal(JSON.parse(pools.stdout)[0].name, 'tank', pools.stderr);
  writeFileSync(join(node.dir, 'tank.available'), '12345\n');
  const zfs = await runPipe(
    `${ssh} 'zfs get -Hp -o value available tank; zfs get -H -o value mountpoint tank'`,
    {
      env: node.env,
    },
  );
  assert.equal(zfs.stdout, `12345\n${node.dir}/tank\n`);
  const status = await runPipe(`${ssh} 'cat; exit 7'`, { env: node.env, input: 'passed through' });
  assert.deepEqual([status.code, status.stdout], [7, 'passed through']);
  writeFileSync(
    join(node.dir, 'known_hosts'),
    'node ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n',
  );
  assert.equal((await runPipe(`${ssh} true`, { env: node.env })).code, 255);
});

test('usage errors exit with 64', (t) => {
  const node = startNode(t);
  if (!node) return;
  for (const [words, message] of [
    [
      'ct import file --as-id 102',
      /unknown argument '--as-id'; note that options must come before arguments/,
    ],
    ['ct import', /missing argument <file>/],
    ['ct show 101 102', /unknown argument '102'/],
    ['ct frobnicate', /Unknown command 'ct frobnicate'/],
    ['ct new --distribution debian 101', /only ct new --skip-image/],
    ['ct show --nonsense 101', /invalid option: --nonsense/],
  ] as const) {
    const result = node.osctl(words.split(' '));
    assert.equal(result.code, 64, words);
    assert.match(result.stderr, message);
  }
  assert.equal(node.osctl(['--pool', 'other', 'ct', 'ls']).stderr, 'error: pool not found\n');
  assert.deepEqual(
    [node.osctl(['ct', 'import', '/nowhere']).code, node.osctl(['ct', 'import', '/nowhere']).stderr],
    [1, 'error: /nowhere: not found\n'],
  );
});

test('ct new --skip-image, config replace, devices, autostart', (t) => {
  const node = startNode(t);
  if (!node) return;
  const create = [
    '-q',
    'ct',
    'new',
    '--skip-image',
    '--distribution',
    'debian',
    '--version',
    '7',
    '--arch',
    'x86_64',
    '101',
  ];
  assert.equal(node.osctl(['ct', 'new', '--skip-image', '101']).stderr, 'error: provide distribution\n');
  writeFileSync(join(node.dir, 'fail-at'), 'new');
  assert.equal(node.osctl(create).stderr, 'error: internal error\n');
  assert.deepEqual(
    [node.osctl(['ct', 'show', '101']).code, existsSync(join(node.dir, 'tank/ct/101'))],
    [1, false],
  );
  writeFileSync(join(node.dir, 'fail-at'), '');
  assert.equal(node.osctl(create).code, 0);
  assert.equal(node.osctl(create).stderr, 'error: container tank:101 already exists\n');
  assert.equal(node.osctl(['ct', 'start', '101']).stderr, 'error: container failed to start\n');

  const replace = (config: unknown): string =>
    node.osctl(['-q', 'ct', 'config', 'replace', '101'], JSON.stringify(config)).stderr;
  assert.equal(replace({ distribution: 'debian', version: '7', arch: 'x86_64', hostname: 'web1' }), '');
  assert.equal(replace({ distribution: 'debian', hostname: '' }), 'error: internal error\n');
  assert.equal(show(node)['hostname'], 'web1');

  const tun = ['char', '10', '200', 'rwm', '/dev/net/tun'];
  const missing = "error: device 'c 10:200 rwm' not available in group 'tank:/default'\n";
  assert.equal(node.osctl(['ct', 'devices', 'add', '101', ...tun]).stderr, missing);
  assert.equal(node.osctl(['ct', 'devices', 'add', '-p', '101', ...tun]).code, 0);
  assert.equal(
    node.osctl(['ct', 'devices', 'add', '-p', '101', ...tun]).stderr,
    'error: device already exists\n',
  );

  assert.equal(node.osctl(['ct', 'set', 'autostart', '101']).code, 0);
  assert.deepEqual([show(node)['autostart'], show(node)['autostart_priority']], [true, 1000]);
  assert.equal(node.osctl(['ct', 'unset', 'autostart', '101']).code, 0);
  assert.equal(show(node)['autostart'], false);
  assert.equal(node.osctl(['ct', 'set', 'attr', '101', 'org.example:source', 'vz6']).code, 0);
  assert.equal(show(node)['org.example:source'], 'vz6');

  mkdirSync(join(String(show(node)['rootfs']), 'sbin'), { recursive: true });
  writeFileSync(join(String(show(node)['rootfs']), 'sbin/init'), '');
  assert.equal(node.osctl(['ct', 'start', '101']).code, 0);
  assert.equal(replace({ distribution: 'debian' }), 'error: the container has to be stopped\n');
  assert.equal(node.osctl(['ct', 'ls', '-H', '-o', 'id,state']).stdout, '101\trunning\n');
  assert.equal(node.osctl(['user', 'del', '101']).stderr, 'error: user has container(s)\n');
});

test('an unmounted dataset is out of sight, and what is written there meanwhile is hidden', async (t) => {
  const node = startNode(t);
  if (!node) return;
  const script = `set -e
    cd "$(zfs get -H -o value mountpoint tank)"
    zfs create -p -o canmount=noauto -o uidmap=0:666000:65536 tank/ct/101
    zfs mount tank/ct/101; echo inside > ct/101/file
    zfs set uidmap=none tank/ct/101 2>&1 || echo "refused $?"
    zfs umount tank/ct/101; zfs get -H -o value mounted tank/ct/101
    ls ct/101; echo outside > ct/101/lost
    zfs set uidmap=none tank/ct/101; zfs set refquota=10G tank/ct/101
    zfs mount tank/ct/101; ls ct/101
    zfs destroy tank/ct/101; zfs list -H -o name
    zfs create tank/a/b 2>&1 || echo "refused $?"
    zfs send tank@x 2>/dev/null || echo "unknown $?"`;
  const result = await runPipe(`ssh root@node sh`, { env: node.env, input: script });
  assert.deepEqual(result.stdout.split('\n'), [
    "cannot set property for 'tank/ct/101': the dataset is mounted",
    'refused 1',
    'no',
    'file',
    'tank',
    'tank/ct',
    "cannot create 'tank/a/b': parent does not exist",
    'refused 1',
    'unknown 2',
    '',
  ]);
});

function startNode(t: TestContext): VpsAdminOsNode | undefined {
  return needs(t, 'ruby', 'sshd', 'ssh') ? startVpsAdminOsNode(t) : undefined;
}

function show(node: VpsAdminOsNode): Record<string, unknown> {
  return JSON.parse(node.osctl(['-j', 'ct', 'show', '101']).stdout);
}
