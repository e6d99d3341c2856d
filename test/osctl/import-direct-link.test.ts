import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { directScript } from '../../lib/osctl/direct-script.ts';
import { peakMemory } from '../bench/measure.ts';
import { runPipe, type VpsAdminOsNode } from '../support/nodes.ts';
import { processesNaming } from '../support/programs.ts';
import { goodMembers, makeArchive } from './archives.ts';
import {
  assertNothingLeft,
  feedSlowly,
  GOOD,
  importsOn,
  type SlowImport,
  setUp,
  untilMarked,
  untilUndone,
  wrapSsh,
} from './import-node.ts';

/** An archive with an init of whose payload half is there: its import waits for more. */
function startHalf(node: VpsAdminOsNode, env = node.env): SlowImport {
  const header = GOOD.indexOf('rootfs/base.tar.gz');
  return feedSlowly(env, ['--direct', 'root@node'], GOOD.subarray(0, header + 512 + 100));
}

test('while data flows nothing can start, and a second import waits', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const half = startHalf(node);
  await untilMarked(node);
  const started = node.osctl(['ct', 'start', '101']);
  assert.match(started.stderr, /container failed to start/);
  assert.equal(existsSync(join(node.dir, 'tank/ct/101/private')), false);
  for (const flags of ['--direct', '']) {
    const second = await run(flags, GOOD);
    assert.equal(second.code, 75, second.stderr);
    assert.match(
      second.stderr,
      /an import of tank:101 goes on, or is being undone; repeat it when that has ended/,
    );
  }
  const { code, stderr } = await half.end();
  assert.equal(code, 65, stderr);
  assertNothingLeft(node);
});

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGKILL', 137],
] as const) {
  test(`${signal} while data flows: the node undoes it`, async (t) => {
    const { node } = setUp(t) ?? {};
    if (!node) return;
    const half = startHalf(node);
    await untilMarked(node);
    process.kill(half.pid, signal);
    const result = await half.outcome();
    assert.equal(result.code, code, result.stderr);
    await untilUndone(node);
    assertNothingLeft(node);
  });
}

test('ssh is killed while data flows: 75, and the node undoes it', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const half = startHalf(node);
  await untilMarked(node);
  const [ssh] = processesNaming('vz2osctl-step').filter((line) =>
    line.includes(`-F ${node.dir}/ssh_config -`),
  );
  process.kill(Number(ssh?.split(' ')[0]), 'SIGKILL');
  const { code, stderr } = await half.outcome();
  assert.equal(code, 75, stderr);
  assert.match(
    stderr,
    /nothing was imported; the node undoes by itself what it made, within 5 min; to look: ssh root@node osctl ct show tank:101; then it can be repeated/,
  );
  await untilUndone(node);
  assertNothingLeft(node);
  assert.equal((await run('--direct', GOOD)).code, 0);
});

test('a node that kills the import leaves a container that the next run knows', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const half = startHalf(node);
  await untilMarked(node);
  const script = importsOn(node).map(String);
  execFileSync('sh', ['-c', 'kill -9 "$@" 2>/dev/null || :', 'sh', ...script]);
  const { code, stderr } = await half.outcome();
  // ssh has the same exit code for it as for a lost link.
  assert.equal(code, 75, stderr);
  const refused = await run('--direct', GOOD);
  assert.equal(refused.code, 78, refused.stderr);
  const command = /is what a direct import left that was cut off; remove it there with: (.*?); nothing/.exec(
    refused.stderr,
  )?.[1];
  assert.equal(command, 'osctl ct del tank:101');
  await runPipe(`ssh root@node '${command}'`, { env: node.env });
  assertNothingLeft(node);
  assert.equal((await run('--direct', GOOD)).code, 0);
});

test('a link that breaks behind the commit: the outcome is unknown, and what is there is whole', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  const result = await run('--direct', GOOD, wrapSsh(t, node, '"$real" "$@" | head -n 1; exit 255'));
  assert.equal(result.code, 76, result.stderr);
  assert.match(result.stderr, /do not repeat, look first: ssh root@node osctl ct show tank:101\n$/);
  await untilUndone(node);
  assert.equal(existsSync(join(node.dir, 'tank/ct/101/private/etc/hostname')), true);
  const { state, ...shown } = JSON.parse(node.osctl(['-j', 'ct', 'show', '101']).stdout);
  assert.deepEqual([state, 'vz2osctl:incoming' in shown], ['stopped', false]);
});

test('what comes behind the commit fails: imported, and the step that failed is named', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  replaceOnNode(node, 'osctl', 'case "$*" in *"set autostart"*) echo "error: no" >&2; exit 1;; esac');
  const result = await run('--direct --autostart', GOOD);
  assert.equal(result.code, 69, result.stderr);
  assert.match(
    result.stderr,
    /root@node: tank:101 is imported, but: osctl ct set autostart failed: error: no; look: ssh root@node osctl ct show tank:101/,
  );
});

test('the commit fails: undone', async (t) => {
  const { node, run } = setUp(t) ?? {};
  if (!node || !run) return;
  replaceOnNode(node, 'mv', 'echo "mv: no" >&2; exit 1');
  const result = await run('--direct', GOOD);
  assert.equal(result.code, 69, result.stderr);
  assert.match(result.stderr, /tank:101: the commit failed: mv: no; nothing is left on the node/);
  assertNothingLeft(node);
});

test('a container that took the place of ours is left alone', async (t) => {
  const { node } = setUp(t) ?? {};
  if (!node) return;
  const half = startHalf(node);
  await untilMarked(node);
  node.osctl(['ct', 'del', '101']);
  node.osctl(['ct', 'new', '--skip-image', '--distribution', 'x', '--version', '1', '--arch', 'x86', '101']);
  const { code, stderr } = await half.end();
  assert.equal(code, 65, stderr);
  assert.match(stderr, /could not be undone, do it as root there: osctl ct show tank:101/);
  assert.equal(node.osctl(['ct', 'ls', '-H', '-o', 'id']).stdout, '101\n');
});

test('a silent link: the node undoes it without an end of its input', async (t) => {
  const { node } = setUp(t) ?? {};
  if (!node) return;
  const make = 'osctl -q ct new --skip-image --distribution x --version 1 --arch x86 101';
  const child = spawn(
    'sh',
    ['-c', directScript, 'osctl-import', 'tank:101', 'word', '2', 'tank/ct/101', '', '', '', make, ''],
    {
      env: node.nodeEnv,
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );
  let said = '';
  child.stdout.on('data', (data: Buffer) => {
    said += data.toString();
  });
  // Frames that come in time keep it going, here for longer than it bears silence.
  for (let beats = 0; beats < 4; beats += 1) {
    child.stdin.write('keep          0\n');
    await setTimeout(1000);
  }
  assert.equal(said, 'begun\n');
  const [code] = await once(child, 'close');
  assert.deepEqual([code, said], [75, 'begun\nended\nundone\n']);
  assertNothingLeft(node);
});

test('memory does not grow with the archive', async (t) => {
  const { node } = setUp(t) ?? {};
  if (!node) return;
  const big = join(node.dir, 'big');
  execFileSync('sh', ['-c', `head -c 150000000 /dev/urandom > '${big}'`]);
  const payload = execFileSync('tar', ['--numeric-owner', '-C', node.dir, '-cz', './big'], {
    maxBuffer: 1e9,
  });
  const [document, , ...last] = goodMembers();
  if (!document) throw new Error('no members');
  const file = join(node.dir, 'ct.tar');
  writeFileSync(file, makeArchive([document, ['rootfs/base.tar.gz', payload], ...last]));
  const env = { ...node.env, PATH: `${resolve('dist/bin')}:${node.env['PATH']}` };
  const peaks = await peakMemory(`osctl-import --direct root@node < '${file}'`, env);
  const peak = peaks.get('osctl-import') ?? Number.NaN;
  assert.ok(peak < 150, `${peak} MiB`);
  assert.deepEqual(readdirSync(join(node.dir, 'tank/ct/101/private')), ['big']);
});

/** A program that sessions on the node find first: these lines, then the one that it takes the place of. */
function replaceOnNode(node: VpsAdminOsNode, name: string, lines: string): void {
  const bin = join(node.dir, 'bin');
  mkdirSync(bin);
  const path = execFileSync('sh', ['-c', `command -v '${name}'`], { env: node.nodeEnv, encoding: 'utf8' });
  writeFileSync(join(bin, name), `#!/bin/sh\n${lines}\nexec ${path.trim()} "$@"\n`, { mode: 0o755 });
}
