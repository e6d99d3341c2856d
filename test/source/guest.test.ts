import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import type { Facts } from '../../lib/documents/facts.ts';
import script from '../../lib/source/container-facts.sh';
import { readGuest } from '../../lib/source/guest.ts';
import { Records } from '../../lib/source/records.ts';
import { needs } from '../support/needs.ts';

interface Tree {
  readonly path: string;
  readonly write: (file: string, content?: string | Buffer) => void;
  readonly link: (file: string, target: string) => void;
  readonly look: (shell?: string, programs?: string) => Facts['guest'];
}

/** The tree of a container, and beside it a file and a directory of the host that it must not lead to. */
function makeTree(t: TestContext): Tree {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-guest-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const path = join(dir, 'private');
  mkdirSync(join(path, 'etc'), { recursive: true });
  mkdirSync(join(dir, 'host'));
  writeFileSync(join(dir, 'host/secret'), 'iptables -A INPUT -i venet0\n');
  const inTree = (file: string): string => {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    return join(path, file);
  };
  return {
    path,
    write: (file, content = '') => writeFileSync(inTree(file), content),
    link: (file, target) => symlinkSync(target, inTree(file)),
    // `programs` is a directory of programs that are taken before those of the system.
    look: (shell = 'sh', programs = '/bin') => {
      const args = ['-c', script, 'sh', '101', dir, path, '', '', ''];
      const env = { ...process.env, PATH: `${programs}:${process.env['PATH']}` };
      const { stdout, stderr, status } = spawnSync(shell, args, {
        env,
        timeout: 30_000,
        maxBuffer: 1024 ** 2,
      });
      assert.deepEqual([stderr.toString(), status], ['', 0]);
      return readGuest(new Records(stdout));
    },
  };
}

describe('what a root filesystem says it is', () => {
  it('is looked for no longer than a person waits, however long the links are', (t) => {
    const { write, link, look } = makeTree(t);
    for (const file of ['os-release', 'redhat-release', 'rc.local', 'exports']) {
      for (let hop = 0; hop < 38; hop += 1) {
        link(`etc/${file}${hop || ''}`, `${file}${hop + 1}${'/.'.repeat(2000)}`);
      }
      write(`etc/${file}38`, 'ID=debian\n');
    }
    const start = performance.now();
    assert.equal(look().osRelease, null);
    assert.ok(performance.now() - start < 10_000);
  });

  it('is in usr/lib/os-release, where etc has none', (t) => {
    const { write, look } = makeTree(t);
    write('usr/lib/os-release', 'ID=void\nNAME=x\n');
    assert.deepEqual(look().osRelease, { id: 'void', versionId: null });
    write('etc/os-release', 'ID=debian\nVERSION_ID="9"\n');
    assert.deepEqual(look().osRelease, { id: 'debian', versionId: '9' });
  });

  it('is in the first lines of older files, both lines of lsb-release, and an empty arch-release', (t) => {
    const { write, look } = makeTree(t);
    const files = {
      'redhat-release': 'CentOS release 6.10 (Final)',
      debian_version: 'squeeze/sid',
      'SuSE-release': 'openSUSE 13.1 (x86_64)',
      'alpine-release': '3.1.4',
      'gentoo-release': 'Gentoo Base System release 2.4.1',
      'slackware-version': 'Slackware 14.1',
      devuan_version: 'ascii',
    };
    for (const [name, line] of Object.entries(files)) write(`etc/${name}`, `${line}\nmore\n`);
    write('etc/lsb-release', 'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=10.04\nDISTRIB_CODENAME=lucid\n');
    write('etc/arch-release');
    assert.deepEqual(look().releaseFiles, { ...files, 'lsb-release': 'Ubuntu 10.04', 'arch-release': '' });
  });

  it('is the class of init, else of the shell', (t) => {
    const { write, link, look } = makeTree(t);
    write('lib64/bash', Buffer.from('7f454c460201', 'hex'));
    link('bin/sh', '/lib64/bash');
    assert.equal(look().elfClass, 64);
    write('sbin/upstart', Buffer.from('7f454c460101', 'hex'));
    link('sbin/init', 'upstart');
    assert.equal(look().elfClass, 32);
  });
});

describe('what a guest will miss', () => {
  it('is nothing in an empty tree', (t) => {
    const { userQuota, nfsExports, venetRules, nested } = makeTree(t).look();
    assert.deepEqual([userQuota, nfsExports, venetRules, nested], [[], false, [], []]);
  });

  it('is its quota files, also as the links to /proc/vz that they are on simfs', (t) => {
    const { path, write, link, look } = makeTree(t);
    link('aquota.user', '/proc/vz/vzaquota/00000029/aquota.user');
    write('quota.group');
    mkdirSync(join(path, 'aquota.group'));
    spawnSync('mkfifo', [join(path, 'quota.user')]);
    assert.deepEqual(look().userQuota, ['aquota.user', 'quota.group']);
  });

  it('is what it exports', (t) => {
    const { write, look } = makeTree(t);
    write('etc/exports', '# /srv *(ro)\n\n \t\r\n  # x\n');
    assert.equal(look().nfsExports, false);
    write('etc/exports', '# see exports(5)\n\n\t/srv *(ro)');
    assert.equal(look().nfsExports, true);
    write('etc/exports', Buffer.concat([Buffer.from('# \0\xff\n/srv\xff', 'latin1'), Buffer.alloc(9)]));
    assert.equal(look().nfsExports, true);
  });

  it('are the rules that name venet, but in comments', (t) => {
    const { write, link, look } = makeTree(t);
    write('etc/sysconfig/iptables', '*filter\n-A INPUT -i venet0 -j ACCEPT\n');
    write('etc/sysconfig/ip6tables', '*filter\n  # -A INPUT -i venet0 -j ACCEPT\n');
    write('etc/rc.d/rc.local', 'touch /var/lock/venet\n');
    link('etc/rc.local', 'rc.d/rc.local');
    write('etc/network/interfaces', 'auto venet0\n');
    write('etc/csf/csf.conf', 'ETH_DEVICE = "venet0"\n');
    write('etc/ufw/user.rules', '-i eth0\n');
    write('etc/network/if-up.d/a b*$(x)', 'ip route add default dev venet0\n');
    write('etc/network/if-up.d/below/c', 'venet0\n');
    link('etc/network/if-up.d/link', '/etc/csf/csf.conf');
    write('etc/network/if-pre-up.d/first\nsecond', 'venet0\n');
    assert.deepEqual(look().venetRules, [
      'etc/csf/csf.conf',
      'etc/network/if-up.d/a b*$(x)',
      'etc/rc.d/rc.local',
      'etc/rc.local',
      'etc/sysconfig/iptables',
    ]);
  });

  it('is what runs containers in it', (t) => {
    const { path, write, look } = makeTree(t);
    mkdirSync(join(path, 'var/lib/lxc'), { recursive: true });
    write('var/lib/docker/aufs/x');
    assert.deepEqual(look().nested, ['var/lib/docker']);
    write('var/lib/lxc/\n');
    assert.deepEqual(look().nested, ['var/lib/docker', 'var/lib/lxc']);
  });

  it('never is something of the host', (t) => {
    const { path, link, look } = makeTree(t);
    const host = join(dirname(path), 'host');
    link('etc/exports', join(host, 'secret'));
    link('etc/rc.local', '../../host/secret');
    link('etc/sysconfig', '../../host');
    link('etc/iptables', host);
    link('etc/network/if-up.d', host);
    link('etc/iptables.d', '../../host');
    link('var/lib/docker', host);
    link('var/lib/lxc', '../../../host');
    const { nfsExports, venetRules, nested } = look();
    assert.deepEqual([nfsExports, venetRules, nested], [false, [], []]);
  });

  it('is found through links in the tree', (t) => {
    const { write, link, look } = makeTree(t);
    write('srv/etc/rules.v4', '-i venet0\n');
    link('etc/iptables', '/srv/etc');
    write('srv/docker/x');
    link('var/lib/docker', '../../srv/docker');
    const { venetRules, nested } = look();
    assert.deepEqual([venetRules, nested], [['etc/iptables/rules.v4'], ['var/lib/docker']]);
  });

  it('is looked for in bounded time and space, whatever is in the way', (t) => {
    const { path, write, look } = makeTree(t);
    for (const file of ['etc/exports', 'etc/rc.local', 'etc/firewall']) {
      spawnSync('mkfifo', [join(path, file)]);
    }
    mkdirSync(join(path, 'etc/nftables.conf'));
    write('etc/network/if-up.d', 'no directory');
    mkdirSync(join(path, 'etc/network/if-pre-up.d'));
    spawnSync('mkfifo', [join(path, 'etc/network/if-pre-up.d/fifo')]);
    write('etc/firewall.user', Buffer.concat([Buffer.alloc(256 * 1024, 'x\n'), Buffer.from('venet0\n')]));
    write(
      'etc/iptables.rules',
      Buffer.concat([Buffer.alloc(256 * 1024 - 7, 'x\n'), Buffer.from('venet0\n')]),
    );
    for (let index = 0; index < 60; index += 1) write(`etc/iptables.d/${index}`, 'venet0\n');
    const { nfsExports, venetRules } = look();
    assert.equal(nfsExports, false);
    assert.ok(venetRules.includes('etc/iptables.rules'), 'the end of 256 KiB');
    assert.ok(!venetRules.includes('etc/firewall.user'), 'behind 256 KiB');
    assert.equal(venetRules.filter((file) => file.startsWith('etc/iptables.d/')).length, 50);
    assert.equal(venetRules.length, 51);
  });

  it('is said alike by every shell, and without a dd that can refuse links', (t) => {
    if (!needs(t, 'dash', 'bash')) return;
    const { path, write, look } = makeTree(t);
    const programs = join(dirname(path), 'programs');
    mkdirSync(programs);
    writeFileSync(join(programs, 'dd'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    write('etc/exports', '/srv *(ro)\n');
    write('etc/rc.local', 'ifconfig venet0\n');
    write('etc/network/if-up.d/x', 'venet0\n');
    write('var/lib/docker/x');
    const expected = [true, ['etc/network/if-up.d/x', 'etc/rc.local'], ['var/lib/docker']];
    for (const { nfsExports, venetRules, nested } of [look('dash'), look('bash'), look('dash', programs)]) {
      assert.deepEqual([nfsExports, venetRules, nested], expected);
    }
  });
});

/** Trees of the few files that say it, made by hand from what these releases have. */
const RELEASES = {
  'CentOS 5': {
    links: { 'lib64/libc.so.6': 'libc-2.5.so' },
    files: { 'lib64/libc-2.5.so': '', 'sbin/init': '', 'etc/inittab': 'id:3:initdefault:\n' },
    expected: ['sysvinit', null, '2.5'],
  },
  'CentOS 6': {
    links: { 'lib64/libc.so.6': 'libc-2.12.so' },
    files: { 'lib64/libc-2.12.so': '', 'sbin/init': '', 'etc/init/rcS.conf': '', 'etc/inittab': '' },
    expected: ['upstart', null, '2.12'],
  },
  'CentOS 7': {
    links: {
      'sbin/init': '../lib/systemd/systemd',
      lib: 'usr/lib',
      lib64: 'usr/lib64',
      'usr/lib64/libc.so.6': 'libc-2.17.so',
    },
    files: {
      'usr/lib64/libc-2.17.so': '',
      'usr/lib/systemd/systemd': '\x7fELF\0\0systemd 219 running in %ssystem mode. (+PAM)\0systemd 220x\0',
    },
    expected: ['systemd', 219, '2.17'],
  },
  'Debian 7': {
    links: { 'lib/x86_64-linux-gnu/libc.so.6': 'libc-2.13.so' },
    files: { 'lib/x86_64-linux-gnu/libc-2.13.so': '', 'sbin/init': '', 'etc/inittab': '' },
    expected: ['sysvinit', null, '2.13'],
  },
  'Debian 8': {
    links: { 'sbin/init': '/lib/systemd/systemd', 'lib/x86_64-linux-gnu/libc.so.6': 'libc-2.19.so' },
    files: { 'lib/x86_64-linux-gnu/libc-2.19.so': '', 'lib/systemd/systemd': 'x\0systemd 215\n+PAM\0' },
    expected: ['systemd', 215, '2.19'],
  },
  'Ubuntu 24.04': {
    links: { 'sbin/init': '../lib/systemd/systemd', lib: 'usr/lib' },
    files: {
      'usr/lib/systemd/systemd': '',
      'usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-255.so': '',
      'usr/lib/x86_64-linux-gnu/libc.so.6':
        '\0GNU C Library (Ubuntu GLIBC 2.39-0ubuntu8) stable release version 2.39.\nCopyright\0',
    },
    expected: ['systemd', 255, '2.39'],
  },
  'Alpine 3.1': {
    links: { 'sbin/init': '/bin/busybox' },
    files: { 'bin/busybox': '', 'etc/inittab': '', 'lib/libc.musl-x86_64.so.1': '' },
    expected: ['sysvinit', null, null],
  },
} as const;

describe('init, systemd and glibc of a root filesystem', () => {
  for (const [name, { links, files, expected }] of Object.entries(RELEASES)) {
    it(`are read from files, in every shell: ${name}`, (t) => {
      if (!needs(t, 'bash', 'dash', 'busybox')) return;
      const { write, link, look } = makeTree(t);
      for (const [file, content] of Object.entries(files)) write(file, content);
      // Those of directories last, since what they lead to is made by then.
      for (const [file, target] of Object.entries(links)) link(file, target);
      for (const { init, systemd, glibc } of [look('dash'), look('bash')])
        assert.deepEqual([init, systemd, glibc], expected);
    });
  }

  it('are those of this machine, read from its own library', (t) => {
    const { write, look } = makeTree(t);
    const [library] = [
      '/lib/x86_64-linux-gnu/libc.so.6',
      '/lib64/libc.so.6',
      '/lib/aarch64-linux-gnu/libc.so.6',
    ].filter((path) => existsSync(path));
    if (library === undefined) return t.skip('no glibc here');
    write('lib64/libc.so.6', readFileSync(library));
    const said = spawnSync('getconf', ['GNU_LIBC_VERSION']).stdout.toString();
    assert.equal(`glibc ${look().glibc}\n`, said);
  });

  it('are never read outside of the tree, nor of what is no file', (t) => {
    const { path, write, link, look } = makeTree(t);
    writeFileSync(join(path, '../host/libc-2.36.so'), 'GNU C Library x version 2.36.\n');
    write('etc/inittab');
    link('lib64/libc.so.6', `${path}/../host/libc-2.36.so`);
    link('lib/x86_64-linux-gnu/libc.so.6', '../../../host/libc-2.36.so');
    link('sbin/init', '/usr/lib/systemd/systemd');
    spawnSync('mkfifo', [join(path, 'lib/libc.so.6')]);
    mkdirSync(join(path, 'usr/lib'), { recursive: true });
    link('usr/lib/systemd', join(path, '../host'));
    writeFileSync(join(path, '../host/libsystemd-shared-252.so'), '');
    const { init, systemd, glibc } = look();
    assert.deepEqual([init, systemd, glibc], [null, null, null]);
  });

  it('are bounded, whatever they are', (t) => {
    const { write, look } = makeTree(t);
    write('lib/systemd/systemd', `${'x'.repeat(5 * 1024 ** 2)}\0systemd 219\0`);
    write('lib64/libc.so.6', 'GNU C Library version 99999999999999.1.\n');
    assert.deepEqual([look().systemd, look().glibc], [null, null]);
  });
});

describe('a root filesystem that was not seen', () => {
  it('says nothing', () => {
    assert.deepEqual(readGuest(new Records(Buffer.alloc(0))), {
      osRelease: null,
      releaseFiles: {},
      elfClass: null,
      init: null,
      systemd: null,
      glibc: null,
      userQuota: [],
      nfsExports: null,
      venetRules: [],
      nested: [],
    });
  });
});
