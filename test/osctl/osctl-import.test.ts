import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { needs } from '../support/needs.ts';
import { type PipeResult, runPipe, startVpsAdminOsNode, type VpsAdminOsNode } from '../support/nodes.ts';
import { changedMembers, containerDocument, goodMembers, makeArchive } from './archives.ts';

interface Setup {
  readonly node: VpsAdminOsNode;
  /** Runs `osctl-import ARGUMENTS root@node` with this on its stdin. */
  readonly run: (args: string, input: string | Buffer, env?: NodeJS.ProcessEnv) => Promise<PipeResult>;
}

function setUp(t: TestContext): Setup | undefined {
  if (!needs(t, 'root', 'ruby', 'sshd', 'ssh')) return undefined;
  const node = startVpsAdminOsNode(t);
  const run: Setup['run'] = (args, input, env = node.env) =>
    runPipe([`osctl-import ${args} root@node`], { env, input });
  return { node, run };
}

const withDocument = (changes: Parameters<typeof containerDocument>[0]): Buffer =>
  makeArchive(changedMembers({ 'container.json': JSON.stringify(containerDocument(changes)) }));

const GOOD = makeArchive(goodMembers());

/** The pool holds what osctld made and no spool file; nothing was imported unless `ids` says so. */
function assertNothingElse(node: VpsAdminOsNode, ids: readonly string[] = []): void {
  assert.deepEqual(readdirSync(join(node.dir, 'tank')).sort(), ['conf', 'ct', 'hook', 'log']);
  assert.deepEqual(readdirSync(join(node.dir, 'tank/ct')).sort(), ids);
}

test('imports, proves it, takes autostart off, sets the quota', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const result = await run('', withDocument({ followUps: [{ do: 'refquota', bytes: '10737418240' }] }));
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
  assert.deepEqual(report.followUps, [
    { do: 'refquota', done: true, command: "zfs set 'refquota=10737418240' tank/ct/101", error: null },
  ]);
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

test('a failed import is told with what it left, and the commands remove it', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const faultSwitch = join(node.dir, 'fail-at');
  for (const [step, newer, left] of [
    ['rootfs', false, 'container tank:101 in state staged, dataset tank/ct/101, user 101'],
    ['datasets', false, 'container tank:101 in state staged, user 101'],
    ['rootfs', true, ''],
  ] as const) {
    writeFileSync(faultSwitch, step);
    if (newer) writeFileSync(join(node.dir, 'newer'), '');
    const result: PipeResult = await run('', GOOD);
    assert.equal(result.code, 69, result.stderr);
    assert.match(result.stderr, /osctl ct import failed: internal error/);
    const hint = /left on the node: (.*); remove it there with: (.*); the reason is in osctld's log/.exec(
      result.stderr,
    );
    assert.equal(hint?.[1] ?? '', left);
    if (hint?.[2]) {
      const env = { ...node.env, VPSADMINOS_STANDIN: node.dir };
      const restart = resolve('test/support/vpsadminos-node/bin/osctld-restart');
      const commands = hint[2].replace('sv restart osctld', `VPSADMINOS_STANDIN=${node.dir} ${restart}`);
      const removal = await runPipe(`ssh root@node '${commands}'`, { env });
      assert.equal(removal.code, 0, removal.stderr);
    } else {
      assert.match(result.stderr, /nothing is left on the node/);
    }
    rmSync(faultSwitch);
    rmSync(join(node.dir, 'newer'), { force: true });
  }
  assert.equal((await run('', GOOD)).code, 0);
});

test('SIGINT while it flows: nothing is imported, nothing stays', async (t) => {
  const { node } = setUp(t) ?? {};
  if (!node) return;
  const file = join(node.dir, 'ct.tar');
  writeFileSync(file, GOOD);
  const script = `
    mkfifo ${node.dir}/fifo
    osctl-import root@node < ${node.dir}/fifo 2> ${node.dir}/err & pid=$!
    exec 5> ${node.dir}/fifo
    head -c 3000 ${file} >&5
    until grep -q importing ${node.dir}/err; do sleep 0.1; done
    kill -INT $pid
    wait $pid`;
  const result = await runPipe(script, { env: node.env });
  assert.equal(result.code, 130, readFileSync(join(node.dir, 'err'), 'utf8'));
  assertNothingElse(node);
});

/** Puts an `ssh` on PATH that treats the connection of the import with `script`; `$real` is the ssh behind it. */
function wrapSsh(t: TestContext, node: VpsAdminOsNode, script: string): NodeJS.ProcessEnv {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-test-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const real = join(node.dir, 'client-bin/ssh');
  const text = `#!/bin/sh\nreal=${real}\ncase "$*" in *vz2osctl-sent*) ;; *) exec "$real" "$@" ;; esac\n${script}\n`;
  writeFileSync(join(dir, 'ssh'), text);
  chmodSync(join(dir, 'ssh'), 0o755);
  return { ...node.env, PATH: `${dir}:${node.env['PATH']}` };
}

test('a link that breaks while the archive flows: nothing is imported, a repeat is safe', async (t) => {
  const { node } = setUp(t) ?? {};
  if (!node) return;
  const file = join(node.dir, 'ct.tar');
  writeFileSync(file, GOOD);
  const env = wrapSsh(t, node, 'head -c 2000 | "$real" "$@"; exit 255');
  // More comes only once the link is gone.
  const result = await runPipe(`{ head -c 3000 ${file}; sleep 2; cat ${file}; } | osctl-import root@node`, {
    env,
  });
  assert.equal(result.code, 75, result.stderr);
  assert.match(result.stderr, /nothing was imported; it can be repeated\n$/);
  assertNothingElse(node);
});

test('a link that breaks behind the archive: the outcome is unknown', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const result = await run('', GOOD, wrapSsh(t, node, '"$real" "$@" >/dev/null; exit 255'));
  assert.equal(result.code, 76, result.stderr);
  assert.match(result.stderr, /do not repeat, look first: ssh root@node osctl ct show tank:101\n$/);
  // Here it was done.
  assert.equal(JSON.parse(node.osctl(['-j', 'ct', 'show', '101']).stdout).state, 'stopped');
});

test('ssh that gets nowhere', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const unknownKey = await run('--ssh-option UserKnownHostsFile=/dev/null', GOOD);
  assert.equal(unknownKey.code, 77);
  assert.match(unknownKey.stderr, /Host key verification failed/);
  assert.equal((await run('--ssh-option Port=1', GOOD)).code, 69);
});

test('the printed command does it by hand', async (t) => {
  const { node } = setUp(t) ?? {};
  if (!node) return;
  const { env } = node;
  const script = 'ssh root@node "$(osctl-import --print-command)" >&2';
  const result = await runPipe(script, { env, input: GOOD });
  assert.equal(result.code, 0, result.stderr);
  const shown = JSON.parse(node.osctl(['-j', 'ct', 'show', '101']).stdout);
  assert.deepEqual([shown.state, shown.autostart], ['stopped', false]);
  const other = await runPipe(
    'ssh root@node "$(osctl-import --as-id 102 --autostart --print-command node:tank)"',
    {
      env,
      input: GOOD,
    },
  );
  assert.equal(other.code, 0, other.stderr);
  assert.equal(JSON.parse(node.osctl(['-j', 'ct', 'show', '102']).stdout).autostart, true);
  const cut = await runPipe(script, { env, input: GOOD.subarray(0, -1024 - 1024) });
  assert.notEqual(cut.code, 0);
  assert.match(cut.stderr, /the archive is not whole; nothing was imported/);
  assertNothingElse(node, ['101', '102']);
});

test('command lines that are refused', async () => {
  for (const args of [
    '',
    'a b',
    '-- -x',
    'node --as-id a/b',
    `node --dataset '$(x)'`,
    'node --spool-dir relative',
  ]) {
    const result = await runPipe(`osctl-import ${args}`, { input: '' });
    assert.equal(result.code, 64, args);
    assert.equal(result.stderr.split('\n').length, 2, result.stderr);
  }
});
