import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { needs } from '../support/needs.ts';
import {
  type PipeResult,
  runPipe,
  startOpenVzNode,
  startVpsAdminOsNode,
  type VpsAdminOsNode,
} from '../support/nodes.ts';
import { treeDifferences } from '../support/trees.ts';
import {
  changedMembers,
  containerDocument,
  goodMembers,
  makeArchive,
  makeRootfs,
  metadata,
} from './archives.ts';
import { assertNothingElse, assertNothingLeft, GOOD, setUp, withDocument } from './import-node.ts';

const show = (node: VpsAdminOsNode): Record<string, unknown> =>
  JSON.parse(node.osctl(['-j', 'ct', 'show', '101']).stdout);

test('imports without a spool file, proves it, leaves autostart out', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const result = await run('--direct', GOOD);
  assert.equal(result.code, 0, `${result.stderr}${node.daemonLog()}`);
  const { kind, direct, id, user, dataset, state, bytes, autostart, warnings } = JSON.parse(result.stdout);
  assert.deepEqual(
    { kind, direct, id, user, dataset, state, bytes, autostart, warnings },
    {
      ...{ kind: 'import-report', direct: true, id: '101', user: '101', dataset: 'tank/ct/101' },
      ...{ state: 'stopped', bytes: GOOD.length, autostart: false, warnings: [] },
    },
  );
  const root = join(node.dir, 'tank/ct/101');
  assert.equal(readFileSync(join(root, 'private/etc/hostname'), 'utf8'), 'web\n');
  assert.deepEqual(readdirSync(root), ['private']);
  const modes = [root, join(root, 'private')]
    .map((path) => statSync(path))
    .map(({ mode, uid, gid }) => [mode & 0o7777, uid, gid]);
  assert.deepEqual(modes, [
    [0o770, 0, 0],
    [0o755, 0, 0],
  ]);
  assertNothingElse(node, ['101']);
  // What osctld keeps is the config of the document, but for autostart.
  const {
    user: _u,
    group: _g,
    dataset: _d,
    ...kept
  } = JSON.parse(readFileSync(join(node.dir, 'tank/conf/ct/101.yml'), 'utf8'));
  const { autostart: _, ...config } = containerDocument().config;
  assert.deepEqual(kept, config);
  const again = await run('--direct', GOOD);
  assert.equal(again.code, 78);
  assert.match(
    again.stderr,
    /container tank:101 exists already; another id with --as-id; nothing was imported\n$/,
  );
});

test('another id, dataset, user and group; autostart kept; follow-ups done', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  node.osctl(['user', 'new', 'shared']);
  node.osctl(['group', 'new', '/web']);
  const followUps = [{ do: 'refquota' as const, bytes: '1073741824' }];
  const flags =
    '--direct --as-id web --as-user shared --as-group /web --dataset tank/other/web --autostart --apply';
  const result = await run(flags, withDocument({ followUps }));
  assert.equal(result.code, 0, result.stderr);
  const report = JSON.parse(result.stdout);
  assert.deepEqual(
    [report.id, report.user, report.dataset, report.autostart],
    ['web', 'shared', 'tank/other/web', true],
  );
  assert.deepEqual(
    report.followUps.map(({ done }: { done: boolean }) => done),
    [true],
  );
  const { group, autostart_priority, autostart_delay } = JSON.parse(
    node.osctl(['-j', 'ct', 'show', 'web']).stdout,
  );
  assert.deepEqual([group, autostart_priority, autostart_delay], ['/web', 1000, 5]);
  const exists = await run('--direct --as-id other --as-user shared --dataset tank/other/web', GOOD);
  assert.equal(exists.code, 78);
  assert.match(exists.stderr, /dataset tank\/other\/web exists already; --direct makes one that is new/);
});

test("a document's user and group are made, and are not made twice", async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  assert.equal((await run('--direct', NAMED)).code, 0);
  const { uid_map, gid_map, group } = show(node);
  const map = (host_id: number): object[] => [{ ns_id: 0, host_id, id_count: 65536 }];
  assert.deepEqual([uid_map, gid_map, group], [map(666000), map(766000), '/a/b']);
  const again = await run('--direct --as-id 102', NAMED);
  assert.equal(again.code, 0, again.stderr);
  const other = { ...USER, uidMap: ['0:999000:65536'] };
  const differs = await run('--direct --as-id 103', withDocument({ user: other }));
  assert.equal(differs.code, 78);
  assert.match(
    differs.stderr,
    /user web of the node has another id map: 0:666000:65536, and the document 0:999000:65536/,
  );
});

test('a user that another import has made meanwhile is used, and stays when this one fails', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const osctl = join(process.cwd(), 'test/support/vpsadminos-node/bin/osctl');
  mkdirSync(join(node.dir, 'bin'));
  const before = `case "$*" in *"user new "*) '${osctl}' "$@" ;; esac`;
  writeFileSync(join(node.dir, 'bin/osctl'), `#!/bin/sh\n${before}\nexec '${osctl}' "$@"\n`, { mode: 0o755 });
  writeFileSync(join(node.dir, 'fail-at'), 'config');
  assert.equal((await run('--direct', NAMED)).code, 69);
  assert.match(node.osctl(['user', 'ls', '-H', '-o', 'name']).stdout, /^web$/m);
  node.osctl(['user', 'del', 'web']);
  node.set('fail-at', null);
  const result = await run('--direct', NAMED);
  assert.equal(result.code, 0, result.stderr);
});

test('-n --direct counts the data alone, and looks at no spool directory', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const file = join(node.dir, 'ct.tar');
  writeFileSync(file, GOOD);
  writeFileSync(join(node.dir, 'tank.available'), String(GOOD.length + 1));
  const look = (flags: string): ReturnType<typeof runPipe> =>
    runPipe(`osctl-import -n ${flags} root@node < ${file}`, { env: node.env });
  const spooled = await look('');
  assert.equal(spooled.code, 78, spooled.stderr);
  const result = await look('--direct');
  assert.equal(result.code, 0, result.stderr);
  const { spoolDir, neededBytes, followUps } = JSON.parse(result.stdout);
  assert.deepEqual([spoolDir, neededBytes, followUps], [null, String(GOOD.length), []]);
});

test('what is refused while it flows leaves nothing on the node', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const payload = makeRootfs();
  const flipped = Buffer.from(payload);
  flipped[payload.length - 6] = (flipped[payload.length - 6] ?? 0) ^ 1;
  const segments = ['rootfs/base.tar.gz', payload.subarray(0, 200)] as [string, Buffer];
  const [document, , ...last] = goodMembers();
  if (!document) throw new Error('no members');
  const segmented = makeArchive([document, segments, [segments[0], payload.subarray(200)], ...last]);
  const second = segmented.lastIndexOf('rootfs/base.tar.gz');
  const cases: [string, Buffer, RegExp][] = [
    ['cut in the payload', segmented.subarray(0, second - 300), /ends inside rootfs\/base\.tar\.gz/],
    ['cut in a header', segmented.subarray(0, second + 100), /ends inside a tar header/],
    ['cut between segments', segmented.subarray(0, second), /base\.tar\.gz|no metadata\.yml/],
    ['cut before metadata.yml', GOOD.subarray(0, -1024 - 1024), /there is no metadata\.yml/],
    [
      'a flipped byte',
      makeArchive(changedMembers({ 'rootfs/base.tar.gz': flipped })),
      /rootfs\/base\.tar\.gz|crc error/,
    ],
    [
      'no gzip',
      makeArchive(changedMembers({ 'rootfs/base.tar.gz': 'rubbish' })),
      /rootfs\/base\.tar\.gz|not in gzip format/,
    ],
    [
      'another config',
      withDocument({ config: { ...containerDocument().config, hostname: 'evil' } }),
      /config\/container\.yml is not what/,
    ],
    ['another id', withDocument({ id: 'other' }), /metadata\.yml names container 101/],
    [
      'hooks',
      makeArchive(changedMembers({ 'hooks/pre-start': '#!/bin/sh\n' })),
      /hooks are installed by osctl ct import only.*import it without --direct/,
    ],
    [
      'another format',
      makeArchive(changedMembers({ 'metadata.yml': metadata({ format: 'zfs' }) })),
      /base\.dat/,
    ],
    ['two payloads', makeArchive(changedMembers({ 'rootfs/base.dat': 'x' })), /a tar and send streams/],
  ];
  for (const [what, input, text] of cases) {
    const result = await run('--direct', input);
    assert.equal(result.code, 65, `${what}: ${result.stderr}`);
    assert.match(result.stderr, text, what);
    assertNothingLeft(node);
  }
});

test('what osctld refuses leaves nothing on the node', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  for (const [step, text] of [
    [
      'new',
      /osctl ct new failed: internal error; nothing is left on the node; the reason is in osctld's log/,
    ],
    ['config', /osctl ct config replace failed: internal error; nothing is left on the node/],
  ] as const) {
    writeFileSync(join(node.dir, 'fail-at'), step);
    const result: PipeResult = await run('--direct', NAMED);
    assert.equal(result.code, 69, result.stderr);
    assert.match(result.stderr, text);
    writeFileSync(join(node.dir, 'fail-at'), '');
    assertNothingLeft(node);
  }
});

test('what cannot be undone is told with the command that does it', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  writeFileSync(join(node.dir, 'fail-at'), 'del');
  const result: PipeResult = await run('--direct', withDocument({ id: 'other' }));
  assert.equal(result.code, 65, result.stderr);
  const told = /could not be undone, do it as root there: (.*)\n/.exec(result.stderr)?.[1];
  assert.equal(told, 'osctl ct del tank:other');
  writeFileSync(join(node.dir, 'fail-at'), '');
  const refused: PipeResult = await run('--direct', withDocument({ id: 'other' }));
  assert.equal(refused.code, 78);
  assert.match(
    refused.stderr,
    /container tank:other is what a direct import left that was cut off; remove it there with: osctl ct del tank:other/,
  );
  assert.equal((await runPipe(`ssh root@node "${told}"`, { env: node.env })).code, 0);
  assertNothingLeft(node);
});

test('the sample container, in a pipe and by a file: the trees are equal', async (t) => {
  if (!needs(t, 'root', 'ruby', 'sshd', 'ssh', 'rsync', 'setcap')) return;
  const source = startOpenVzNode(t);
  source.vzctl('stop', '101');
  const target = startVpsAdminOsNode(t);
  const env = { ...source.env, PATH: `${join(target.dir, 'client-bin')}:${source.env['PATH']}` };
  const pipe = [
    `vz-parse-config --conf-dir '${source.confDir}' 101`,
    'vz-to-osctl -q --report none',
    'vz-rootfs-tar',
  ];
  const file = join(target.dir, 'ct.tar');
  const piped = await runPipe(
    [...pipe, 'osctl-bundle --segment-size 64K', 'osctl-import --direct root@node'],
    { env },
  );
  assert.equal(piped.code, 0, piped.stderr);
  const filed = await runPipe(
    `${pipe.join(' | ')} | osctl-bundle > ${file} && osctl-import --direct --as-id 102 root@node < ${file}`,
    { env },
  );
  assert.equal(filed.code, 0, filed.stderr);
  for (const id of ['101', '102']) {
    const copy = join(target.dir, 'tank/ct', id, 'private');
    assert.deepEqual(treeDifferences(source.privatePath, copy, LEFT_OUT), []);
    assert.equal(target.osctl(['ct', 'start', id]).code, 0);
  }
});

test('with bash as sh, as vpsAdminOS has it', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run || !needs(t, 'bash')) return;
  mkdirSync(join(node.dir, 'bin'));
  symlinkSync(
    execFileSync('sh', ['-c', 'command -v bash'], { encoding: 'utf8' }).trim(),
    join(node.dir, 'bin/sh'),
  );
  const cut = await run('--direct', GOOD.subarray(0, -2048));
  assert.equal(cut.code, 65, cut.stderr);
  assertNothingLeft(node);
  const result = await run('--direct', GOOD);
  assert.equal(result.code, 0, result.stderr);
});

test('flags that mean nothing with --direct', async () => {
  for (const flag of ['--spool-dir /x', '--print-command', '--missing-devices check']) {
    const result = await runPipe(`osctl-import --direct ${flag} root@node`, { input: '' });
    assert.equal(result.code, 64, flag);
    assert.match(result.stderr, /--direct/);
  }
});

/** vz-rootfs-tar(8) leaves these out. */
const LEFT_OUT = ['/dev/*', '/srv/hostile/socket'];
const USER = { name: 'web', uidMap: ['0:666000:65536'], gidMap: ['0:766000:65536'] };
/** Its user and its group are not on the node, nor is the group above it. */
const NAMED = makeArchive(
  changedMembers({
    'container.json': JSON.stringify(containerDocument({ user: USER, group: '/a/b' })),
    'config/user.yml': JSON.stringify({ uid_map: USER.uidMap, gid_map: USER.gidMap }),
    'config/group.yml': '{"cgparams": [], "devices": []}',
    'metadata.yml': metadata({ user: 'web', group: '/a/b' }),
  }),
);
