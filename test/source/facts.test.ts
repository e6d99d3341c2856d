import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import { localHost } from '../../lib/host/local.ts';
import containerScript from '../../lib/source/container-facts.sh';
import type { Dataset } from '../../lib/source/datasets.ts';
import type { GatheredFacts } from '../../lib/source/facts.ts';
import { gatherFacts } from '../../lib/source/facts.ts';
import type { Mount } from '../../lib/source/mounts.ts';
import probeScript from '../../lib/source/probe.sh';
import { lookAtNode } from '../../lib/source/probe.ts';
import { parseConfig } from '../../lib/vz/parse-config.ts';
import { needs } from '../support/needs.ts';

interface Sandbox {
  readonly dir: string;
  readonly tree: string;
  readonly confDir: string;
  readonly look: (
    config?: string,
    mounts?: readonly Mount[],
    datasets?: readonly Dataset[],
  ) => Promise<GatheredFacts>;
}

/** A node's directories with container 101, and no vzctl. */
function makeSandbox(t: TestContext): Sandbox {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-facts-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const tree = join(dir, 'private', '101');
  const confDir = join(dir, 'conf');
  for (const path of [
    join(tree, 'etc'),
    join(tree, 'sbin'),
    join(dir, 'root/101'),
    confDir,
    join(dir, 'names'),
  ]) {
    mkdirSync(path, { recursive: true });
  }
  writeFileSync(join(dir, 'SECRET'), 'ID=secret\n');
  const look: Sandbox['look'] = async (config = '', mounts = [], datasets = []) => {
    const container = Buffer.from(`VE_PRIVATE=${tree}\nVE_ROOT=${dir}/root/$VEID\n${config}`);
    const { items } = parseConfig({ ctid: '101', container, global: null, pageSize: 4096 });
    const found = (await lookAtNode(localHost, [])).survey(Buffer.from('LOCKDIR=/some/lock\n'));
    const survey = { ...found, mounts: [...found.mounts, ...mounts], datasets };
    return gatherFacts({ host: localHost, survey, ctid: '101', items, confDir, level: 'fast' });
  };
  return { dir, tree, confDir, look };
}

describe('facts of a node', () => {
  it('are found with stock programs', async () => {
    const { facts, mounts } = (await lookAtNode(localHost, [])).survey(
      Buffer.from('LOCKDIR=/some/lock\nDUMPDIR=relative\n'),
    );
    assert.equal(facts.kernel, spawnSync('uname', ['-r'], { encoding: 'utf8' }).stdout.trim());
    assert.equal(facts.lockDir, '/some/lock');
    assert.match(facts.dumpDir, /^\/(vz|var\/lib\/vz)\/dump$/);
    assert.ok((facts.cpus ?? 0) > 0 && facts.pageSize >= 4096 && BigInt(facts.memoryBytes) > 0n);
    assert.match(facts.programs.tar?.version ?? '', /^\d+\.\d+/);
    assert.ok(facts.programs.compressors.includes('gzip'));
    assert.ok(mounts.some(({ path }) => path === '/'));
  });
});

describe('facts of a container', () => {
  it('read the guest through links, as a chroot would', async (t) => {
    const { tree, look } = makeSandbox(t);
    mkdirSync(join(tree, 'usr/lib'), { recursive: true });
    writeFileSync(join(tree, 'usr/lib/os-release'), 'NAME="x"\nID="centos"\nVERSION_ID=\'6\'\n');
    symlinkSync('/usr/lib/os-release', join(tree, 'etc/os-release'));
    symlinkSync('../../../../usr', join(tree, 'up'));
    writeFileSync(join(tree, 'usr/lib/release'), 'CentOS release 6.10 (Final)\nmore\n');
    symlinkSync('/up/lib/release', join(tree, 'etc/redhat-release'));
    mkdirSync(join(tree, 'usr/bin'));
    writeFileSync(join(tree, 'usr/bin/systemd'), Buffer.from('7f454c4601010100', 'hex'));
    symlinkSync('../usr/bin/systemd', join(tree, 'sbin/init'));
    const { guest, layout } = (await look()).facts;
    assert.equal(layout, 'simfs');
    assert.deepEqual(guest.osRelease, { id: 'centos', versionId: '6' });
    assert.deepEqual(guest.releaseFiles, { 'redhat-release': 'CentOS release 6.10 (Final)' });
    assert.equal(guest.elfClass, 32);
  });

  it('never leave the tree', async (t) => {
    const { dir, tree, look } = makeSandbox(t);
    writeFileSync(join(tree, 'etc/inside'), 'inside\n');
    symlinkSync(join(dir, 'SECRET'), join(tree, 'etc/os-release'));
    mkdirSync(join(tree, 'usr'));
    symlinkSync('../../..', join(tree, 'usr/lib'));
    symlinkSync('/../../../../../../../../..//etc/./inside', join(tree, 'etc/debian_version'));
    symlinkSync('gentoo-release', join(tree, 'etc/gentoo-release'));
    mkdirSync(join(tree, 'etc/arch-release'));
    spawnSync('mkfifo', [join(tree, 'etc/alpine-release')]);
    symlinkSync('/etc/inside/x', join(tree, 'etc/slackware-version'));
    symlinkSync('-n $(touch x)\n"\'', join(tree, 'etc/SuSE-release'));
    const { guest } = (await look()).facts;
    assert.deepEqual(guest, {
      osRelease: null,
      releaseFiles: { debian_version: 'inside' },
      elfClass: null,
      init: null,
      systemd: null,
      glibc: null,
      userQuota: [],
      nfsExports: false,
      venetRules: [],
      nested: [],
    });
  });

  it('are bounded, whatever the guest says', async (t) => {
    const { tree, look } = makeSandbox(t);
    writeFileSync(join(tree, 'etc/os-release'), `${'#'.repeat(5000)}\nID=late\n`);
    writeFileSync(
      join(tree, 'etc/debian_version'),
      Buffer.concat([Buffer.from([0, 0xff]), Buffer.alloc(10_000, 'x')]),
    );
    const { guest } = (await look()).facts;
    assert.deepEqual(guest.osRelease, { id: null, versionId: null });
    assert.equal(guest.releaseFiles['debian_version']?.length, 200);
  });

  it('know a ploop container, and a missing one', async (t) => {
    const { tree, look } = makeSandbox(t);
    mkdirSync(join(tree, 'root.hdd'));
    writeFileSync(join(tree, 'root.hdd/DiskDescriptor.xml'), '');
    assert.equal((await look()).facts.layout, 'ploop');
    const descriptor = join(tree, 'root.hdd/DiskDescriptor.xml');
    rmSync(descriptor);
    symlinkSync('/etc/hostname', descriptor);
    assert.equal((await look()).facts.layout, 'simfs', 'a link is no descriptor');
    renameSync(tree, `${tree}.gone`);
    const { facts } = await look();
    assert.deepEqual([facts.layout, facts.mountpoint, facts.guest.osRelease], [null, null, null]);
    assert.equal(facts.privatePath, tree);
  });

  it('say that vzctl could not be asked', async (t) => {
    const { facts, warnings } = await makeSandbox(t).look();
    assert.equal(facts.status, null);
    assert.deepEqual(
      warnings.map(({ code }) => code),
      process.getuid?.() === 0 ? ['NO_STATUS'] : ['NO_STATUS', 'NOT_ROOT'],
    );
  });

  it('keep action scripts, and name those that are too large', async (t) => {
    const { confDir, look } = makeSandbox(t);
    writeFileSync(join(confDir, '101.mount'), '#!/bin/sh\n');
    chmodSync(join(confDir, '101.mount'), 0o755);
    writeFileSync(join(confDir, 'vps.umount'), Buffer.from([0xff]));
    writeFileSync(join(confDir, '101.start'), Buffer.alloc(256 * 1024 + 1));
    writeFileSync(join(confDir, '101.mount.destroyed'), '');
    const { facts, files, warnings } = await look();
    assert.deepEqual(facts.actionScripts, [
      { path: join(confDir, 'vps.umount'), executable: false },
      { path: join(confDir, '101.mount'), executable: true },
      { path: join(confDir, '101.start'), executable: false },
    ]);
    assert.deepEqual(
      files.map(({ encoding, content }) => [encoding, content]),
      [
        ['base64', '/w=='],
        ['utf8', '#!/bin/sh\n'],
      ],
    );
    assert.ok(warnings.some(({ code, text }) => code === 'SCRIPT_NOT_KEPT' && text.includes('101.start')));
  });

  it('count the snapshots of an image, and of a dataset of its own only', async (t) => {
    const { dir, tree, look } = makeSandbox(t);
    const mount = { device: 'vz/101', path: tree, type: 'zfs' };
    const dataset = { name: 'vz/101', mountpoint: tree };
    for (const name of ['one', 'two']) mkdirSync(join(tree, '.zfs/snapshot', name), { recursive: true });
    assert.equal((await look()).facts.snapshots, null);
    assert.equal((await look('', [mount], [dataset])).facts.snapshots, 2);
    renameSync(join(tree, '.zfs'), join(dir, 'elsewhere'));
    symlinkSync(join(dir, 'elsewhere'), join(tree, '.zfs'));
    assert.equal((await look('', [mount], [dataset])).facts.snapshots, null, 'a link is no directory of ZFS');
    mkdirSync(join(tree, 'root.hdd'));
    const shots = '<Shot><GUID>{a}</GUID></Shot>';
    for (const [count, expected] of [
      [0, null],
      [1, 0],
      [3, 2],
    ] as const) {
      const text = `<Parallels_disk_image><Snapshots><TopGUID>x</TopGUID>${shots.repeat(count)}</Snapshots>`;
      writeFileSync(join(tree, 'root.hdd/DiskDescriptor.xml'), text);
      assert.equal((await look()).facts.snapshots, expected);
    }
  });

  it('find device numbers and the link of the name', async (t) => {
    const { dir, look } = makeSandbox(t);
    const config = 'DEVNODES="null:rw ../etc/passwd:r nosuch:r zero:r"\nNAME="web 1"\n';
    symlinkSync('/elsewhere/101.conf', join(dir, 'names/web 1'));
    const { facts } = await look(config);
    assert.deepEqual(facts.deviceNumbers, {
      null: { type: 'char', major: 1, minor: 3 },
      zero: { type: 'char', major: 1, minor: 5 },
    });
    assert.equal(facts.nameLink, true);
    rmSync(join(dir, 'names/web 1'));
    assert.equal((await look(config)).facts.nameLink, false);
    assert.equal((await look('NAME=')).facts.nameLink, null);
  });

  it('name the mounts below the root that hold data', async (t) => {
    const { dir, look } = makeSandbox(t);
    const root = join(dir, 'root/101');
    const mounts = ['simfs', 'proc/proc', 'tmpfs/dev/shm', 'nfs/mnt'].map((word) => {
      const [type = '', ...path] = word.split('/');
      return { device: 'none', path: join(root, ...path), type };
    });
    assert.deepEqual((await look('', mounts)).facts.submounts, [join(root, 'mnt')]);
  });

  it('name the own dataset, and no mount of one below it as data that stays behind', async (t) => {
    const { dir, tree, look } = makeSandbox(t);
    const mount = (device: string, path: string): Mount => ({ device, path, type: 'zfs' });
    const mounts = [
      mount('vz/101', tree),
      mount('vz/101/data', join(dir, 'root/101/data')),
      mount('vz/other', join(tree, 'other')),
    ];
    const datasets = ['vz', 'vz/101', 'vz/101/data', 'vz/other'].map((name) => ({
      name,
      mountpoint: 'legacy',
    }));
    const { dataset, submounts } = (await look('', mounts, datasets)).facts;
    assert.deepEqual(dataset, { name: 'vz/101', mountpoint: tree, subdir: null, children: ['vz/101/data'] });
    assert.deepEqual(submounts, [join(tree, 'other')]);
  });

  it('refuse paths that cannot be looked up', async (t) => {
    const { look, dir } = makeSandbox(t);
    const bytes = Buffer.from([0xe9]).toString('latin1');
    assert.equal(bytes.length, 1);
    const container = Buffer.from('VE_ROOT=relative\nVE_PRIVATE=/vz/\xe9\n', 'latin1');
    const { items } = parseConfig({ ctid: '101', container, global: null, pageSize: 4096 });
    const survey = (await lookAtNode(localHost, [])).survey(null);
    const { facts, warnings } = await gatherFacts({
      host: localHost,
      survey,
      ctid: '101',
      items,
      confDir: dir,
      level: 'deep',
    });
    assert.deepEqual([facts.privatePath, facts.rootPath, facts.deep], [null, null, null]);
    assert.equal(warnings.filter(({ code }) => code === 'PATH_NOT_USABLE').length, 2);
    assert.equal(
      (await look()).warnings.some(({ code }) => code === 'PATH_NOT_USABLE'),
      false,
    );
  });
});

describe('the scripts', () => {
  it('say the same in every shell', (t) => {
    if (!needs(t, 'dash', 'bash')) return;
    const { tree, confDir } = makeSandbox(t);
    writeFileSync(join(tree, 'etc/os-release'), 'ID=debian\n');
    writeFileSync(join(confDir, '101.start'), ':\n');
    const args = ['101', confDir, tree, '/', join(confDir, 'none'), 'vps.mount 101.start', 'null'];
    const outputs = SHELLS.map((shell) =>
      spawnSync(shell[0] ?? '', [...shell.slice(1), '-c', containerScript, 'sh', ...args], {
        encoding: 'latin1',
      }),
    );
    for (const { stdout, stderr, status } of outputs) {
      assert.deepEqual([stdout, stderr, status], [outputs[0]?.stdout, '', 0]);
    }
  });
  it('print no complaint of the probe', () => {
    for (const [shell = '', ...flags] of SHELLS) {
      const { stderr, status } = spawnSync(shell, [...flags, '-c', probeScript], { encoding: 'latin1' });
      assert.deepEqual([stderr, status], ['', 0], shell);
    }
  });
  it('are clean to shellcheck', (t) => {
    if (!needs(t, 'shellcheck')) return;
    const files = ['lib/source/probe.sh', 'lib/source/container-facts.sh'];
    const { stdout, status } = spawnSync('shellcheck', files, { encoding: 'utf8' });
    assert.deepEqual([stdout, status], ['', 0]);
  });
});

const SHELLS: readonly (readonly string[])[] = [['dash'], ['bash', '--posix'], ['bash']];
