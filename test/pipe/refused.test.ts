import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { convert, documentOf, parse, runsAgain } from '../support/exports.ts';
import { needs } from '../support/needs.ts';
import { type OpenVzNode, runPipe, startOpenVzNode } from '../support/nodes.ts';
import { startProgram } from '../support/programs.ts';

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
  assert.match(result.stderr, /vzctl stop failed \(79\): an action script failed/);
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
