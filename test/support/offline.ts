import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

export const CONFIG = `OSTEMPLATE="debian-7.0-x86_64"
HOSTNAME="web"
NAME="my web"
ONBOOT="yes"
IP_ADDRESS="192.0.2.77"
NAMESERVER="inherit"
PHYSPAGES="0:262144"
SWAPPAGES="0:0"
`;

export const SCRIPT = '#!/bin/sh\nmount -n --bind /srv $VE_ROOT/srv\n';

export interface DeadDisks {
  readonly dir: string;
  /** Where the disks are mounted. */
  readonly prefix: string;
  /** The private area of 101, where it really lies. */
  readonly tree: string;
}

/** The disks of a node that had Debian's paths, with container 101; made by hand. */
export function makeDeadDisks(t: TestContext): DeadDisks {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-dead-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const prefix = join(dir, 'dead');
  const tree = join(prefix, 'var/lib/vz/private/101');
  for (const path of ['etc/vz/conf', 'etc/vz/names', 'var/lib/vz/root/101', 'var/lib/vz/dump']) {
    mkdirSync(join(prefix, path), { recursive: true });
  }
  symlinkSync('/var/lib/vz', join(prefix, 'vz'));
  writeFileSync(
    join(prefix, 'etc/vz/vz.conf'),
    'VE_PRIVATE=/vz/private/$VEID\nVE_ROOT=/vz/root/$VEID\nDUMPDIR=/vz/dump\n',
  );
  writeFileSync(join(prefix, 'etc/vz/conf/101.conf'), CONFIG);
  symlinkSync('../conf/101.conf', join(prefix, 'etc/vz/names/my web'));
  writeFileSync(join(prefix, 'etc/vz/conf/101.mount'), SCRIPT, { mode: 0o755 });
  writeFileSync(join(prefix, 'etc/resolv.conf'), 'nameserver 192.0.2.53\n');
  makeGuest(tree);
  return { dir, prefix, tree };
}

/** A root filesystem of the few files that say what it is, and some of every type; made by hand. */
export function makeGuest(tree: string): void {
  for (const path of ['etc', 'sbin', 'bin', 'dev', 'lib/x86_64-linux-gnu', 'srv', 'var/lib']) {
    mkdirSync(join(tree, path), { recursive: true });
  }
  writeFileSync(join(tree, 'etc/debian_version'), '7.11\n');
  writeFileSync(join(tree, 'etc/inittab'), 'id:2:initdefault:\n');
  writeFileSync(join(tree, 'sbin/init'), Buffer.from('7f454c4602010100', 'hex'), { mode: 0o4755 });
  writeFileSync(join(tree, 'lib/x86_64-linux-gnu/libc-2.13.so'), 'x');
  symlinkSync('libc-2.13.so', join(tree, 'lib/x86_64-linux-gnu/libc.so.6'));
  writeFileSync(join(tree, 'srv/ü \n-rf'), 'odd');
  writeFileSync(join(tree, 'srv/data'), 'x'.repeat(100_000), { mode: 0o640 });
  execFileSync('ln', [join(tree, 'srv/data'), join(tree, 'srv/hard')]);
  symlinkSync('/etc/shadow', join(tree, 'srv/link'));
  writeFileSync(join(tree, 'dev/zero-but-no-device'), '');
  execFileSync(
    'dd',
    ['if=/dev/urandom', `of=${join(tree, 'srv/sparse')}`, 'bs=4096', 'count=1', 'seek=500'],
    {
      stdio: 'ignore',
    },
  );
  mkdirSync(join(tree, 'srv', 'd'.repeat(120), 'e'.repeat(120)), { recursive: true });
}

/**
 * An archive as vzdump makes it of a directory: GNU's dialect, sparse, names of owners, with its config and scripts in
 * etc/vzdump.
 */
export function makeVzdump(
  t: TestContext,
  tree: string,
  { config = CONFIG, name = 'vzdump-openvz-101-2014_05_01-02_00_01.tar' } = {},
): string {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-vzdump-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const copy = join(dir, 'snapshot');
  execFileSync('cp', ['-a', tree, copy]);
  mkdirSync(join(copy, 'etc/vzdump'));
  writeFileSync(join(copy, 'etc/vzdump/vps.conf'), config);
  writeFileSync(join(copy, 'etc/vzdump/vps.mount'), SCRIPT, { mode: 0o755 });
  execFileSync('touch', ['-r', join(tree, 'etc'), join(copy, 'etc')]);
  const file = join(dir, name);
  const script =
    'cd "$1" && find . -print0 | sort -z | tar -cf "$2" --format=gnu --sparse --no-recursion --one-file-system --null -T -';
  execFileSync('sh', ['-c', script, 'sh', copy, file]);
  return file;
}

/** Every entry below a directory: type, mode, owner, times and content. */
export function manifest(dir: string): string {
  const script = `find . -printf '%p %y %m %U:%G %T@ %C@ %n %s %l\\n' | sort; find . -type f -exec sha256sum {} + | sort`;
  return execFileSync('sh', ['-c', script], { cwd: dir, encoding: 'utf8', maxBuffer: 1e8 });
}
