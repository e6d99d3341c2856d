import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { needs } from '../support/needs.ts';
import { type OpenVzNode, runPipe, startOpenVzNode } from '../support/nodes.ts';
import { type Program, processesNaming, startProgram } from '../support/programs.ts';

const RUNNING = 'CTID 101 exist mounted running';
const convert = 'vz-to-osctl -q --report none';
const parse = (node: OpenVzNode): string => `vz-parse-config --conf-dir '${node.confDir}' 101`;

async function documentOf(node: OpenVzNode): Promise<string> {
  const result = await runPipe([parse(node), convert], { env: node.env });
  assert.equal(result.code, 0, result.stderr);
  return result.stdout;
}

/** A node with enough data that no pipe can hold it, and its document. */
async function largeNode(t: TestContext): Promise<{ node: OpenVzNode; document: string }> {
  const node = startOpenVzNode(t, { plain: true, sizeMib: 40 });
  return { node, document: await documentOf(node) };
}

/** An export that has stopped the container and waits for its reader, which has read a little. */
async function stuckExport(
  node: OpenVzNode,
  document: string,
  env = {},
  ...args: string[]
): Promise<Program> {
  const program = startProgram(
    'vz-rootfs-tar',
    ['--compression', 'off', ...args],
    { ...node.env, ...env },
    document,
  );
  await program.saysMatching(/: stopping/);
  program.child.stdout.once('readable', () => program.child.stdout.read(1000));
  for (let tries = 0; node.status() !== 'CTID 101 exist unmounted down'; tries += 1) {
    assert.ok(tries < 100, node.status());
    await sleep(50);
  }
  return program;
}

async function runsAgain(node: OpenVzNode): Promise<void> {
  for (let tries = 0; node.status() !== RUNNING && tries < 200; tries += 1) await sleep(50);
  assert.equal(node.status(), RUNNING);
  for (let tries = 0; readdirSync(join(node.dir, 'lock')).length > 0 && tries < 100; tries += 1)
    await sleep(50);
  assert.deepEqual(readdirSync(join(node.dir, 'lock')), [], 'the lock was given back');
  for (let tries = 0; processesNaming(node.dir).length > 0 && tries < 60; tries += 1) await sleep(50);
  assert.deepEqual(processesNaming(node.dir), [], 'no child was left');
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGKILL', 137],
] as const) {
  test(`${signal} while the container is down: it runs again`, async (t) => {
    const { node, document } = await largeNode(t);
    const program = await stuckExport(node, document);
    program.child.kill(signal);
    assert.equal(await program.exit, code, program.said());
    await runsAgain(node);
  });
}

test('a second SIGINT leaves at once, and the guard starts the container', async (t) => {
  const { node, document } = await largeNode(t);
  writeFileSync(join(node.stateDir, '101.start-seconds'), '2');
  const program = await stuckExport(node, document);
  program.child.kill('SIGINT');
  await program.saysMatching(/cleaning up/);
  program.child.kill('SIGINT');
  assert.equal(await program.exit, 130);
  assert.match(program.said(), /left at once/);
  await runsAgain(node);
});

test('a reader that goes away: 141, nothing printed about it, the container runs again', async (t) => {
  const { node, document } = await largeNode(t);
  const program = await stuckExport(node, document);
  program.child.stdout.destroy();
  assert.equal(await program.exit, 141);
  assert.doesNotMatch(program.said(), /EPIPE|went away/);
  await runsAgain(node);
});

test('a reader that takes nothing ends the run after --stall', async (t) => {
  const { node, document } = await largeNode(t);
  const program = await stuckExport(node, document, {}, '--stall', '1s');
  assert.equal(await program.exit, 74);
  assert.match(program.said(), /took nothing for 1 s while the container is down/);
  await runsAgain(node);
});

test('--max-downtime is kept by the guard when the reader is slower than the estimate', async (t) => {
  const { node, document } = await largeNode(t);
  const program = await stuckExport(node, document, {}, '--max-downtime', '14s');
  assert.equal(await program.exit, 78);
  assert.match(program.said(), /started again because --max-downtime was over/);
  await runsAgain(node);
});

test('a program that hangs gives no sign of life: the guard starts the container, and no archive results', async (t) => {
  const { node, document } = await largeNode(t);
  const program = await stuckExport(node, document, { VZ2OSCTL_GUARD_SECONDS: '2' });
  program.child.kill('SIGSTOP');
  await runsAgain(node).catch(() => {});
  assert.equal(node.status(), RUNNING);
  program.child.kill('SIGCONT');
  const chunks: Buffer[] = [];
  program.child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  assert.equal(await program.exit, 74, program.said());
  assert.match(program.said(), /started again by its guard/);
  assert.ok(!Buffer.concat(chunks).includes('end.json'));
  await runsAgain(node);
});

for (const victim of ['vz-rootfs-tar', 'osctl-bundle'] as const) {
  test(`kill -9 of ${victim} in a pipe: no archive, the container runs again`, async (t) => {
    const { node } = await largeNode(t);
    const archive = join(node.dir, 'a.tar');
    const script = `
      ${parse(node)} | ${convert} > ${node.dir}/101.json
      { vz-rootfs-tar --compression off < ${node.dir}/101.json & echo $! > ${node.dir}/vz-rootfs-tar.pid; wait $!; } |
      { osctl-bundle & echo $! > ${node.dir}/osctl-bundle.pid; wait $!; } |
      { head -c 100000; kill -9 $(cat ${node.dir}/${victim}.pid); cat; } > ${archive}`;
    const result = await runPipe(script.replace('{ osctl-bundle &', '{ osctl-bundle <&0 &'), {
      env: node.env,
    });
    assert.notEqual(result.code, 0);
    await runsAgain(node);
    const verified = await runPipe([`osctl-bundle --verify ${archive}`]);
    assert.equal(verified.code, 65);
    assert.match(verified.stdout, /ARCHIVE_CUT_OFF|there is no metadata.yml/);
  });
}

test('a full disk: 74 and one line', async (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const result = await runPipe(
    [parse(node), convert, 'vz-rootfs-tar --no-consistent', 'osctl-bundle > /dev/full'],
    { env: node.env },
  );
  assert.equal(result.codes[3], 74);
  assert.match(result.stderr, /^osctl-bundle: stdout: .*ENOSPC|no space/m);
});

test('a disk that fills up: no file appears under the name of -o', async (t) => {
  if (!needs(t, 'root')) return;
  const node = startOpenVzNode(t, { plain: true, sizeMib: 8 });
  const disk = mkdtempSync(join(tmpdir(), 'vz2osctl-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
  t.after(() => {
    execFileSync('umount', [disk]);
    rmSync(disk, { recursive: true });
  });
  const result = await runPipe([parse(node), convert, 'vz-rootfs-tar', `osctl-bundle -o ${disk}/a.tar`], {
    env: node.env,
  });
  assert.equal(result.codes[3], 74, result.stderr);
  assert.match(result.stderr, /^osctl-bundle: .*a.tar: no space left$/m);
  assert.deepEqual(readdirSync(disk), []);
  await runsAgain(node);
});

interface Refusal {
  readonly name: string;
  readonly exit: number;
  readonly says: RegExp;
  readonly prepare: (node: OpenVzNode) => void;
  readonly args?: readonly string[];
  readonly root?: boolean;
}
const REFUSALS: readonly Refusal[] = [
  {
    name: 'a suspended container',
    exit: 78,
    says: /suspended: its memory is in a dump/,
    prepare: (node) => {
      node.vzctl('stop', '101');
      writeFileSync(join(node.dir, 'dump/Dump.101'), '');
    },
  },
  {
    name: 'a missing private area',
    exit: 66,
    says: /private area is missing|no directory/,
    prepare: (node) => {
      node.vzctl('stop', '101');
      renameSync(node.privatePath, `${node.privatePath}.gone`);
    },
  },
  {
    name: 'a private area whose file system is not mounted',
    exit: 78,
    says: /holds no root filesystem: no bin, etc, sbin or usr; is its file system mounted\?/,
    prepare: (node) => {
      node.vzctl('stop', '101');
      renameSync(node.privatePath, `${node.privatePath}.gone`);
      mkdirSync(node.privatePath);
    },
  },
  {
    name: 'ids above 65535',
    exit: 78,
    says: /1 files are owned by ids above 65535, which the target cannot hold: "etc\/hosts"/,
    prepare: (node) => chownSync(join(node.privatePath, 'etc/hosts'), 70_000, 0),
    root: true,
  },
  {
    name: 'an estimate above --max-downtime',
    exit: 78,
    says: /would be down for about .*, more than --max-downtime 1.0 s; nothing was stopped/,
    prepare: () => {},
    args: ['--max-downtime', '1s'],
  },
  {
    name: 'a locked container',
    exit: 75,
    says: /locked by process \d+/,
    prepare: (node) => writeFileSync(join(node.dir, 'lock/101.lck'), `${process.pid}\n`),
  },
  {
    name: 'a lock directory that is not there',
    exit: 73,
    says: /the guard exited with 73/,
    prepare: (node) => rmSync(join(node.dir, 'lock'), { recursive: true }),
  },
];
for (const { name, exit, says, prepare, args = [], root } of REFUSALS) {
  test(`refused before anything is stopped: ${name}`, async (t) => {
    if (root && !needs(t, 'root')) return;
    const node = startOpenVzNode(t, { plain: true });
    const document = await documentOf(node);
    prepare(node);
    const before = node.log().length;
    const result = await runPipe([`vz-rootfs-tar ${args.join(' ')}`], { env: node.env, input: document });
    assert.equal(result.code, exit, result.stderr);
    assert.match(result.stderr, says);
    assert.ok(!result.bytes.includes('end.json'));
    assert.deepEqual(node.log().slice(before), [], 'vzctl was not asked to do anything');
  });
}

test('--wait waits for a lock', async (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const document = await documentOf(node);
  const lock = join(node.dir, 'lock/101.lck');
  writeFileSync(lock, `${process.pid}\n`);
  const program = startProgram('vz-rootfs-tar', ['--wait', '30s'], node.env, document);
  program.child.stdout.resume();
  await program.saysMatching(/waiting/);
  rmSync(lock);
  assert.equal(await program.exit, 0, program.said());
});

test('a container that cannot be stopped: 69, and it runs', async (t) => {
  const node = startOpenVzNode(t, { plain: true });
  writeFileSync(join(node.stateDir, '101.stop-exit'), '79');
  const result = await runPipe([parse(node), convert, 'vz-rootfs-tar', 'cat >/dev/null'], { env: node.env });
  assert.equal(result.codes[2], 69);
  assert.match(result.stderr, /vzctl stop failed \(stopped 79\)/);
  await runsAgain(node);
});

test('a file that tar cannot read is an error, and the container runs again', async (t) => {
  if (!needs(t, 'root')) return;
  const node = startOpenVzNode(t, { plain: true });
  const tar = join(node.dir, 'bin');
  mkdirSync(tar);
  writeFileSync(
    join(tar, 'tar'),
    '#!/bin/sh\n/usr/bin/tar "$@"\ncase $* in *--help*|*--version*) exit;; esac\nexit 2\n',
  );
  chmodSync(join(tar, 'tar'), 0o755);
  const env = { ...node.env, PATH: `${tar}:${node.env['PATH']}` };
  const result = await runPipe([parse(node), convert, 'vz-rootfs-tar', 'osctl-bundle > /dev/null'], { env });
  assert.deepEqual(result.codes.slice(2), [74, 65], result.stderr);
  assert.match(result.stderr, /tar exited with 2/);
  await runsAgain(node);
});

test('a container that does not start again: 74, with what to do; the next run starts it, and stops it again to pack it', async (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const document = await documentOf(node);
  writeFileSync(join(node.stateDir, '101.start-fails'), '99');
  const env = { ...node.env, VZ2OSCTL_GUARD_SECONDS: '1' };
  const failed = await runPipe(['vz-rootfs-tar', 'osctl-bundle > /dev/null'], { env, input: document });
  assert.deepEqual(failed.codes, [74, 65], failed.stderr);
  assert.match(
    failed.stderr,
    /stopped, and could not be started again; look at why, and start it by hand: vzctl start 101/,
  );
  assert.equal(node.status(), 'CTID 101 exist unmounted down');

  rmSync(join(node.stateDir, '101.start-fails'));
  const before = node.log().length;
  const archive = join(node.dir, 'a.tar');
  const next = await runPipe(['vz-rootfs-tar', `osctl-bundle > ${archive}`], { env, input: document });
  assert.equal(next.code, 0, next.stderr);
  assert.match(next.stderr, /a dead run had left it stopped; it was started again, and is looked at anew/);
  const verbs = node
    .log()
    .slice(before)
    .filter(({ what }) => what.startsWith('begin'))
    .map(({ verb }) => verb);
  assert.deepEqual(verbs, ['start', 'stop', 'start']);
  await runsAgain(node);
});

test('kill -9 of the guard while the container is down: another one starts it', async (t) => {
  const { node, document } = await largeNode(t);
  const program = await stuckExport(node, document);
  process.kill(Number(readFileSync(join(node.dir, 'lock/101.lck'), 'utf8')), 'SIGKILL');
  assert.equal(await program.exit, 74, program.said());
  assert.match(program.said(), /its guard was killed; it was started again by another/);
  await runsAgain(node);
});

for (const victim of ['tar', 'igzip'] as const) {
  test(`kill -9 of ${victim}: 74, no archive, the container runs again`, async (t) => {
    if (!needs(t, 'igzip')) return;
    const { node, document } = await largeNode(t);
    const program = startProgram('vz-rootfs-tar', [], node.env, document);
    await program.saysMatching(/: stopping/);
    const private_ = victim === 'tar' ? `tar\0-C\0${node.privatePath}` : 'igzip\0-1\0-c';
    let killed = false;
    for (let tries = 0; !killed && tries < 500; tries += 1) {
      killed = killExactly(private_);
      await sleep(10);
    }
    assert.ok(killed);
    const chunks: Buffer[] = [];
    program.child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    assert.equal(await program.exit, 74, program.said());
    assert.ok(!Buffer.concat(chunks).includes('end.json'));
    await runsAgain(node);
  });
}

/** SIGKILL for the one process whose command line begins so. */
function killExactly(commandLine: string): boolean {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith(commandLine)) continue;
      process.kill(Number(pid), 'SIGKILL');
      return true;
    } catch {
      // It has just ended.
    }
  }
  return false;
}

test('started or stopped by somebody else while the export waits for the lock: 75, and left as it is', async (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const document = await documentOf(node);
  const lock = join(node.dir, 'lock/101.lck');
  writeFileSync(lock, `${process.pid}\n`);
  const program = startProgram('vz-rootfs-tar', ['--wait', '30s'], node.env, document);
  await program.saysMatching(/waiting/);
  node.vzctl('--skiplock', 'stop', '101');
  rmSync(lock);
  assert.equal(await program.exit, 75, program.said());
  assert.match(program.said(), /was stopped by somebody else meanwhile/);
  assert.match(node.status(), / down$/);
});

const INPUTS: readonly [string, string, number, RegExp][] = [
  ['nothing', '', 65, /stdin: empty/],
  ['no JSON', 'x\n', 65, /line 1: not JSON/],
  ['a cut-off document', '{"kind":"osctl-container",', 65, /line 1: not JSON/],
  [
    'another document',
    '{"kind":"vz-config","schema":1}\n',
    65,
    /kind: expected osctl-container, got "vz-config"; vz-to-osctl writes these/,
  ],
  [
    'the error of an earlier stage',
    '{"kind":"vz-error","schema":1,"ctid":"101","program":"vz-parse-config","code":"X","exit":66,"message":"no such container"}\n',
    66,
    /ct 101: vz-parse-config failed: no such container/,
  ],
];
for (const program of ['vz-rootfs-tar', 'osctl-bundle']) {
  for (const [name, input, exit, says] of INPUTS) {
    test(`${program}: ${name} on stdin`, async () => {
      const result = await runPipe([program], { input });
      assert.equal(result.code, exit, result.stderr);
      const tarIsExpected = program === 'osctl-bundle' && !input.startsWith('{') && input !== '';
      assert.match(result.stderr, tarIsExpected ? /^osctl-bundle: / : says);
      assert.equal(result.stderr.trimEnd().split('\n').length, 1, result.stderr);
      assert.equal(result.stdout, '');
    });
  }
}

test('two documents for a program that takes one', async (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const document = await documentOf(node);
  const result = await runPipe(['vz-rootfs-tar'], { env: node.env, input: document + document });
  assert.equal(result.code, 64);
  assert.match(result.stderr, /line 2: a second document/);
});

test('usage errors of osctl-bundle', async () => {
  for (const [script, says] of [
    ['osctl-bundle --payload rootfs/base.tar.gz=b </dev/null', /only with --container/],
    ['vz-rootfs-tar --stall 0s </dev/null', /--stall: expected at least 1s/],
    ['echo x | osctl-bundle --skel', /expected a document on stdin, not a bundle stream/],
    ['osctl-bundle --container x --payload rootfs/base.tar=b </dev/null', /is no name that osctld knows/],
    ['osctl-bundle --segment-size 10 </dev/null', /--segment-size: expected 512 bytes to 64M/],
    ['osctl-bundle --segment-size 65M </dev/null', /--segment-size: expected 512 bytes to 64M/],
    [
      'osctl-bundle --container x --payload rootfs/base.tar.gz=a --payload rootfs/base.tar.gz=b',
      /--payload: rootfs\/base.tar.gz is given twice/,
    ],
    ['osctl-bundle extra </dev/null', /unexpected "extra"/],
  ] as const) {
    const result = await runPipe(script);
    assert.match(result.stderr, says, script);
    assert.ok([64, 66, 65].includes(result.code), `${script}: ${result.code}`);
  }
});

test('-o refuses what a rename would replace', async (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const document = await documentOf(node);
  for (const [path, says] of [
    ['/dev/null', /is no regular file; use a redirection/],
    [node.dir, /is no regular file/],
    [join(node.dir, 'no/such/a.tar'), /cannot be created \(ENOENT\)/],
  ] as const) {
    const result = await runPipe([`osctl-bundle --skel -o ${path}`], { input: document });
    assert.equal(result.code, 73, result.stderr);
    assert.match(result.stderr, says);
  }
  assert.ok(readFileSync('/dev/null').length === 0);
});

test('a cut-off payload file makes no archive', async (t) => {
  const node = startOpenVzNode(t, { plain: true, sizeMib: 2 });
  const script = `
    ${parse(node)} | ${convert} > ${node.dir}/101.json
    vz-rootfs-tar --raw --no-consistent < ${node.dir}/101.json | head -c 50000 > ${node.dir}/cut.gz
    osctl-bundle --container ${node.dir}/101.json --payload rootfs/base.tar.gz=${node.dir}/cut.gz -o ${node.dir}/a.tar`;
  const result = await runPipe(script, { env: node.env });
  assert.equal(result.code, 65, result.stderr);
  assert.match(result.stderr, /cut.gz: not a whole gzip file \(unexpected end of file\)/);
  assert.ok(!readdirSync(node.dir).includes('a.tar'));
});

test('-o through a link writes what it points to; an old archive that was longer leaves nothing behind', async (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const document = await documentOf(node);
  const archive = join(node.dir, 'real.tar');
  writeFileSync(archive, 'x'.repeat(100_000));
  symlinkSync('real.tar', join(node.dir, 'link.tar'));
  for (const output of ['-o link.tar', '1<> real.tar']) {
    const script = `cd ${node.dir}; osctl-bundle --skel ${output} < 101.json && tar tf real.tar | tail -n 1 && stat -c %s real.tar && readlink link.tar`;
    writeFileSync(join(node.dir, '101.json'), document);
    const result = await runPipe(script, { env: node.env });
    assert.match(result.stdout, /^metadata.yml\n\d{4}\nreal.tar$/m, JSON.stringify(result));
    writeFileSync(archive, 'x'.repeat(100_000));
  }
});
