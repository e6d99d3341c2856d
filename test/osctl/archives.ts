import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { OsctlContainer } from '../../lib/documents/documents.ts';
import type { ImportOptions } from '../../lib/osctl/import-options.ts';
import { sampleDocument } from '../support/sample-document.ts';

/** Archives for `osctl ct import`, put together by GNU tar alone. Later members of one name are further segments. */
export function makeArchive(members: readonly (readonly [string, string | Buffer])[]): Buffer {
  return Buffer.concat([...members.map(([name, data]) => tarMember(name, data)), Buffer.alloc(1024)]);
}

export function goodMembers(): [string, string | Buffer][] {
  return [
    ['container.json', JSON.stringify(containerDocument())],
    ['rootfs/base.tar.gz', makeRootfs()],
    ['config/container.yml', JSON.stringify(containerDocument().config)],
    ['metadata.yml', metadata({})],
  ];
}

/** The good members with some replaced, dropped (undefined) or put last. */
export function changedMembers(
  changes: Record<string, string | Buffer | undefined>,
): [string, string | Buffer][] {
  const good = goodMembers();
  const names = good.map(([name]) => name);
  const added = Object.keys(changes).filter((name) => !names.includes(name));
  const all: [string, string | Buffer | undefined][] = [
    ...added.map((name): [string, undefined] => [name, undefined]),
    ...good,
  ];
  // What is added goes before metadata.yml but behind container.json, which is the first.
  const sorted = [
    ...all.filter(([name]) => name === 'container.json'),
    ...all.filter(([name]) => name !== 'container.json'),
  ];
  return sorted.flatMap(([name, data]): [string, string | Buffer][] => {
    const value = name in changes ? changes[name] : data;
    return value === undefined ? [] : [[name, value]];
  });
}

export function metadata(changes: object): string {
  const base = { type: 'full', format: 'tar', container: '101', user: null, group: null, datasets: [] };
  return JSON.stringify({ ...base, exported_at: 1700000000, ...changes }, null, 2);
}

/** A small root filesystem packed by GNU tar with these flags more. */
export function makeRootfs(flags: readonly string[] = [], gzip: readonly string[] = ['gzip']): Buffer {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-test-'));
  try {
    mkdirSync(join(dir, 'etc'));
    writeFileSync(join(dir, 'etc/hostname'), 'web\n');
    writeFileSync(join(dir, 'odd -> name\nwith newline'), 'odd');
    symlinkSync('/etc/hostname', join(dir, 'link'));
    const tar = execFileSync('tar', [
      '-C',
      dir,
      '--numeric-owner',
      '--owner=0',
      '--group=0',
      ...flags,
      '-c',
      '.',
    ]);
    const [file = '', ...rest] = gzip;
    return file === '' ? tar : execFileSync(file, rest, { input: tar });
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** osctl-import without any flag. */
export const NO_OPTIONS: ImportOptions = {
  asId: undefined,
  asUser: undefined,
  asGroup: undefined,
  dataset: undefined,
  missingDevices: undefined,
  spoolDir: undefined,
  autostart: false,
  apply: false,
  guestFix: null,
  direct: false,
};

export function containerDocument(changes: Partial<OsctlContainer> = {}): OsctlContainer {
  return {
    ...sampleDocument({ privatePath: null }),
    config: {
      distribution: 'centos',
      version: '6',
      arch: 'x86_64',
      hostname: 'web.example.com',
      dns_resolvers: ['198.51.100.1'],
      net_interfaces: [
        {
          type: 'routed',
          name: 'eth0',
          hwaddr: null,
          ip_addresses: { v4: ['203.0.113.7/32'], v6: [] },
          routes: { v4: ['203.0.113.7/32'], v6: [] },
        },
      ],
      cgparams: [{ version: 2, subsystem: 'memory', name: 'memory.max', value: [1073741824] }],
      devices: [],
      prlimits: { nofile: { soft: 1024, hard: 1048576 } },
      mounts: [],
      autostart: { priority: 1000, delay: 5 },
      nesting: false,
      attrs: {},
    },
    ...changes,
  };
}

function tarMember(name: string, data: string | Buffer): Buffer {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-test-'));
  try {
    mkdirSync(join(dir, dirname(name)), { recursive: true });
    writeFileSync(join(dir, name), data);
    const tar = execFileSync('tar', ['-C', dir, '--format=ustar', '-c', name], { maxBuffer: 1 << 28 });
    return tar.subarray(0, 512 + Math.ceil(Buffer.byteLength(data) / 512) * 512);
  } finally {
    rmSync(dir, { recursive: true });
  }
}
