import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type HandMadeArchive, makeArchive } from './hand-made-archive.ts';
import { needs } from './needs.ts';
import { startVpsAdminOsNode, type VpsAdminOsNode } from './nodes.ts';

const INTERNAL = 'error: internal error\n';

test('a good archive is imported, and ct show proves it', (t) => {
  const node = startNode(t);
  if (!node) return;
  const result = node.osctl(['ct', 'import', makeArchive(t)]);
  assert.deepEqual([result.code, result.stderr], [0, '']);
  assert.match(result.stdout, /^Creating datasets$/m);
  const shown = show(node);
  assert.deepEqual(
    [
      shown['state'],
      shown['user'],
      shown['group'],
      shown['dataset'],
      shown['memory_limit'],
      shown['autostart'],
    ],
    ['stopped', '101', '/default', 'tank/ct/101', 1073741824, true],
  );
  assert.equal(readFileSync(join(String(shown['rootfs']), 'etc/hostname'), 'utf8'), 'web1\n');
  assert.equal(
    node.osctl(['ct', 'netif', 'ip', 'ls', '-H', '-o', 'ctid,addr']).stdout,
    '101\t192.0.2.17/32\n',
  );
  assert.equal(node.osctl(['ct', 'start', '101']).code, 0);
  assert.equal(show(node)['state'], 'running');
  assert.equal(node.osctl(['ct', 'del', '101']).stderr, 'error: the container is running\n');
  assert.equal(node.osctl(['ct', 'del', '-f', '101']).code, 0);
  assert.equal(node.osctl(['ct', 'show', '101']).stderr, 'error: container not found\n');
  assert.equal(node.osctl(['user', 'show', '101']).code, 1, 'the automatic user went with its container');
});

test('-q silences the progress', (t) => {
  const node = startNode(t);
  if (!node) return;
  assert.equal(node.osctl(['-q', 'ct', 'import', makeArchive(t)]).stdout, '');
});

test('a payload in members of one name is joined', (t) => {
  const node = startNode(t);
  if (!node) return;
  assert.equal(node.osctl(['ct', 'import', makeArchive(t, { segmentBytes: 100 })]).code, 0);
  assert.equal(readFileSync(join(node.dir, 'tank/ct/101/private/etc/hostname'), 'utf8'), 'web1\n');
});

test('--as-id, --as-user and --as-group override the archive', (t) => {
  const node = startNode(t);
  if (!node) return;
  node.osctl(['user', 'new', '--map', '0:700000:65536', 'shared']);
  node.osctl(['group', 'new', '/web']);
  const flags = ['--as-id', 'other', '--as-user', 'shared', '--as-group', '/web'];
  assert.equal(node.osctl(['ct', 'import', ...flags, makeArchive(t)]).code, 0);
  const shown = show(node, 'other');
  assert.deepEqual(
    [shown['user'], shown['group'], shown['uid_map']],
    ['shared', '/web', [{ ns_id: 0, host_id: 700000, id_count: 65536 }]],
  );
});

/** Refused before anything is registered: a repeat with a good archive works. */
const REFUSED: Record<string, { archive?: HandMadeArchive; flags?: string[]; message: string }> = {
  'no metadata.yml': { archive: { members: { 'metadata.yml': null } }, message: INTERNAL },
  'names that begin with ./': { archive: { dotted: true }, message: INTERNAL },
  'an id that is an Integer': { archive: { metadata: { container: 101 } }, message: INTERNAL },
  'an id that is an Integer, unquoted': {
    archive: { members: { 'metadata.yml': 'format: tar\ncontainer: 101\ndatasets: []\n' } },
    flags: ['--as-group', '/default'],
    message: INTERNAL,
  },
  'no id': {
    archive: { metadata: { container: null } },
    message: 'error: the image does not include container id, specify it\n',
  },
  'an id that no user can have': {
    archive: { metadata: { container: 'Web' } },
    message: 'error: invalid name, allowed format: ^[a-z0-9_-]{1,27}$\n',
  },
  'an unknown user': { flags: ['--as-user', 'nobody'], message: 'error: user not found\n' },
  'an unknown group': { flags: ['--as-group', '/none'], message: 'error: group not found\n' },
  'a group without a slash': {
    archive: { metadata: { group: 'default' }, members: { 'config/group.yml': '{}' } },
    message: 'error: group name has to start with /\n',
  },
  'a named user without its config': { archive: { metadata: { user: 'web' } }, message: INTERNAL },
  'YAML with an alias': {
    archive: { members: { 'metadata.yml': 'a: &x 1\nb: *x\n' } },
    message: INTERNAL,
  },
  'a date in YAML': {
    archive: { members: { 'config/container.yml': 'distribution: arch\nversion: 2018-02-10\n' } },
    message: INTERNAL,
  },
  'no config/container.yml': { archive: { members: { 'config/container.yml': null } }, message: INTERNAL },
  'no distribution': { archive: { config: { distribution: null } }, message: INTERNAL },
  'a cgparam without a list': {
    archive: { config: { cgparams: [{ subsystem: 'memory', name: 'memory.max', value: 1 }] } },
    message: INTERNAL,
  },
  'an unknown interface': {
    archive: { config: { net_interfaces: [{ type: 'venet', name: 'eth0' }] } },
    message: INTERNAL,
  },
  'an attribute without a vendor': { archive: { config: { attrs: { source: 'x' } } }, message: INTERNAL },
  'a dataset of another pool': {
    flags: ['--dataset', 'other/ct/101'],
    message: 'error: dataset other/ct/101 does not belong to pool tank\n',
  },
};

test('what is refused before the container is registered leaves no container', (t) => {
  const node = startNode(t);
  if (!node) return;
  for (const [name, { archive, flags = [], message }] of Object.entries(REFUSED)) {
    const result = node.osctl(['-q', 'ct', 'import', ...flags, makeArchive(t, archive)]);
    assert.deepEqual(
      [result.code, result.stdout, result.stderr],
      [1, '', message],
      `${name}: ${node.daemonLog()}`,
    );
    assert.deepEqual(JSON.parse(node.osctl(['-j', 'ct', 'ls']).stdout), [], name);
  }
  assert.equal(node.osctl(['ct', 'import', makeArchive(t)]).code, 0);
});

test('an archive that is no seekable file, or cut off before its payload, is refused', (t) => {
  const node = startNode(t);
  if (!node) return;
  const archive = makeArchive(t);
  const fifo = `${archive}.fifo`;
  execFileSync('mkfifo', [fifo]);
  const viaFifo = execFileSync(
    'sh',
    ['-c', 'cat "$1" >"$2" & osctl -q ct import "$2" 2>&1 || echo $?', 'sh', archive, fifo],
    {
      env: node.nodeEnv,
      encoding: 'utf8',
    },
  );
  assert.equal(viaFifo, `${INTERNAL}1\n`);
  assert.match(node.daemonLog(), /ESPIPE/);
  assert.match(node.osctl(['ct', 'import', '-']).stderr, /^error: \/.*\/-: not found$/m);
  const file = openSync(archive, 'r+');
  ftruncateSync(file, 700);
  closeSync(file);
  assert.equal(node.osctl(['-q', 'ct', 'import', archive]).stderr, INTERNAL);
});

test('tar dialects: long names of GNU tar and sizes in base-256', (t) => {
  const node = startNode(t);
  if (!node) return;
  const longName = `hooks-of-old/${'x'.repeat(120)}`;
  const withLongName = makeArchive(t, { format: 'gnu', members: { [longName]: 'ignored' } });
  assert.equal(
    node.osctl(['-q', 'ct', 'import', withLongName]).code,
    0,
    'a stray member named @LongLink does no harm',
  );
  const base256 = readFileSync(makeArchive(t));
  base256.writeUInt8(0x80, 124);
  const path = `${makeArchive(t)}.base256`;
  writeFileSync(path, base256);
  assert.equal(node.osctl(['-q', 'ct', 'import', '--as-id', '102', path]).stderr, INTERNAL);
  assert.match(node.daemonLog(), /is not an octal string/);
});

function startNode(t: TestContext): VpsAdminOsNode | undefined {
  return needs(t, 'ruby', 'sshd', 'ssh') ? startVpsAdminOsNode(t) : undefined;
}

function show(node: VpsAdminOsNode, id = '101'): Record<string, unknown> {
  return JSON.parse(node.osctl(['-j', 'ct', 'show', id]).stdout);
}
