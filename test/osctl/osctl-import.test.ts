import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type PipeResult, runPipe } from '../support/nodes.ts';
import { changedMembers, containerDocument, goodMembers, makeArchive, metadata } from './archives.ts';
import { assertNothingElse, GOOD, setUp, withDocument } from './import-node.ts';

test('imports, proves it, takes autostart off', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const result = await run('', GOOD);
  assert.equal(result.code, 0, result.stderr);
  const report = JSON.parse(result.stdout);
  assert.deepEqual(
    [
      report.kind,
      report.host,
      report.pool,
      report.id,
      report.user,
      report.dataset,
      report.state,
      report.autostart,
    ],
    ['import-report', 'root@node', 'tank', '101', '101', 'tank/ct/101', 'stopped', false],
  );
  assert.deepEqual(report.followUps, []);
  assert.doesNotMatch(result.stderr, /left to do/);
  assert.equal(readFileSync(join(node.dir, 'tank/ct/101/private/etc/hostname'), 'utf8'), 'web\n');
  assertNothingElse(node, ['101']);
  const again = await run('', GOOD);
  assert.equal(again.code, 78);
  assert.match(
    again.stderr,
    /container tank:101 exists already; another id with --as-id; nothing was imported\n$/,
  );
});

test('another id, autostart kept, archive from a pipe', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const result = await run('--as-id web --autostart', GOOD);
  assert.equal(result.code, 0, result.stderr);
  const report = JSON.parse(result.stdout);
  assert.deepEqual([report.id, report.autostart, report.bytes], ['web', true, GOOD.length]);
});

test('-n looks, from a document or an archive, and changes nothing', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  for (const input of [`${JSON.stringify(containerDocument())}\n`, GOOD]) {
    const result = await run('-n', input);
    assert.equal(result.code, 0, result.stderr);
    const { kind, ok, refusals, spoolDir } = JSON.parse(result.stdout);
    assert.deepEqual([kind, ok, refusals, spoolDir], ['import-check', true, [], join(node.dir, 'tank')]);
  }
  writeFileSync(join(node.dir, 'tank.available'), '1000');
  const file = join(node.dir, 'ct.tar');
  writeFileSync(file, GOOD);
  const refused = await runPipe(`osctl-import -n root@node < ${file}`, { env: node.env });
  assert.equal(refused.code, 78);
  assert.equal(JSON.parse(refused.stdout).refusals[0].code, 'NO_SPACE');
  assertNothingElse(node);
});

test('-n reads one document a line: a failed stage is passed on, a second document refused', async (t) => {
  const { run } = setUp(t) ?? {};
  if (!run) return;
  const document = JSON.stringify(containerDocument());
  const failure = { kind: 'vz-error', schema: 1, ctid: '101', program: 'vz-to-osctl', code: 'X', exit: 66 };
  for (const [input, code, text] of [
    [`${document}\n${document}\n`, 64, /line 2: a second document/],
    [JSON.stringify({ ...failure, message: 'no such file' }), 66, /ct 101: vz-to-osctl failed: no such file/],
  ] as const) {
    const result = await run('-n', input);
    assert.equal(result.code, code, result.stderr);
    assert.match(result.stderr, text);
  }
});

test('refused before any data flows', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const cases: [string, RegExp][] = [
    ['--as-user nobody', /there is no user nobody/],
    ['--as-group /nowhere', /there is no group \/nowhere/],
    ['--as-id Upper', /cannot make a user named Upper/],
    ['--spool-dir /nowhere', /\/nowhere is no directory/],
    ['--spool-dir /dev/shm', /in the node's memory/],
  ];
  for (const [args, text] of cases) {
    const result = await run(args, GOOD);
    assert.equal(result.code, 78, args);
    assert.match(result.stderr, text);
    assert.equal(result.stdout, '');
  }
  writeFileSync(join(node.dir, 'pool-disabled'), '');
  assert.equal((await run('', GOOD)).code, 78);
  assertNothingElse(node);
});

test('a bad or cut-off archive leaves nothing on the node', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const foreign = makeArchive(goodMembers().slice(1));
  const cases: [string | Buffer, RegExp][] = [
    [GOOD.subarray(0, 3000), /ends inside/],
    [GOOD.subarray(0, -1024 - 1024), /there is no metadata\.yml/],
    [makeArchive(changedMembers({ 'rootfs/base.tar.gz': 'rubbish' })), /rootfs\/base\.tar\.gz/],
    [withDocument({ id: 'other' }), /metadata\.yml names container 101, container\.json other/],
    // The document is what the node is checked with, but not what osctld reads.
    [
      withDocument({ config: { ...containerDocument().config, hostname: 'evil' } }),
      /config\/container\.yml is not what container\.json says/,
    ],
    [withDocument({ user: USER }), /the user in metadata\.yml is not what container\.json says/],
    [withDocument({ group: '/web' }), /the group in metadata\.yml is not what container\.json says/],
    [
      makeArchive(
        changedMembers({
          'container.json': JSON.stringify(containerDocument({ user: USER })),
          'config/user.yml': '{"uid_map":["0:0:65536"],"gid_map":["0:0:65536"]}',
          'metadata.yml': metadata({ user: 'web' }),
        }),
      ),
      /config\/user\.yml is not what container\.json says/,
    ],
    [makeArchive(changedMembers({ 'metadata.yml': metadata({ type: 'skel' }) })), /type: skel/],
    [foreign, /does not begin with container\.json.*osctl ct import FILE/],
    ['', /empty, expected an archive/],
    ['{"kind":"vz-config"}\n', /expected osctl-container/],
  ];
  for (const [input, text] of cases) {
    const result: PipeResult = await run('', input);
    assert.equal(result.code, 65, result.stderr);
    assert.match(result.stderr, text);
  }
  assertNothingElse(node);
  assert.deepEqual(JSON.parse(node.osctl(['-j', 'ct', 'ls']).stdout), []);
});

test('ssh that gets nowhere', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const unknownKey = await run('--ssh-option UserKnownHostsFile=/dev/null', GOOD);
  assert.equal(unknownKey.code, 77);
  assert.match(unknownKey.stderr, /Host key verification failed/);
  assert.match(
    unknownKey.stderr,
    /add it to known_hosts: ssh -o 'UserKnownHostsFile=\/dev\/null' root@node$/m,
  );
  const changedKeys = join(node.dir, 'other_hosts');
  const [type, key] = readFileSync(join(node.dir, 'id_ed25519.pub'), 'utf8').split(' ');
  writeFileSync(changedKeys, `node ${type} ${key}\n`);
  const changedKey = await run(`--ssh-option UserKnownHostsFile=${changedKeys}`, GOOD);
  assert.equal(changedKey.code, 77);
  assert.match(changedKey.stderr, /the host key has CHANGED since known_hosts was written/);
  assert.doesNotMatch(changedKey.stderr, /add it to known_hosts/);
  assert.equal((await run('--ssh-option Port=1', GOOD)).code, 69);
});

test('command lines that are refused', async () => {
  for (const args of [
    '',
    'a b',
    '-- -x',
    'node --as-id a/b',
    `node --dataset '$(x)'`,
    'node --spool-dir relative',
    `node --spool-dir "/x'y"`,
    '--apply --print-command',
  ]) {
    const result = await runPipe(`osctl-import ${args}`, { input: '' });
    assert.equal(result.code, 64, args);
    assert.equal(result.stderr.split('\n').length, 2, result.stderr);
  }
});

const USER = { name: 'web', uidMap: ['0:666000:65536'], gidMap: ['0:666000:65536'] };
