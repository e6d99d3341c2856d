import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';

export interface HandMadeArchive {
  /** null leaves a member out. Text or bytes by member name. */
  readonly members?: Record<string, string | Buffer | null>;
  readonly metadata?: Record<string, unknown>;
  readonly config?: Record<string, unknown>;
  /** GNU tar's --format. */
  readonly format?: 'ustar' | 'gnu' | 'posix';
  /** Puts `./` before every name. */
  readonly dotted?: boolean;
  /** Cuts the payload into members of that many bytes, all of one name. */
  readonly segmentBytes?: number;
}

/** An archive for `osctl ct import`, made with GNU tar and nothing of ours. Returns its path. */
export function makeArchive(t: TestContext, options: HandMadeArchive = {}): string {
  const scratch = mkdtempSync(join(tmpdir(), 'vz2osctl-archive-'));
  t.after(() => rmSync(scratch, { recursive: true, force: true }));
  const archive = join(scratch, 'archive.tar');
  const members: Record<string, string | Buffer | null> = {
    'rootfs/base.tar.gz': makePayload(scratch),
    'config/container.yml': JSON.stringify({ ...CONFIG, ...options.config }),
    'metadata.yml': JSON.stringify({ ...METADATA, ...options.metadata }),
    ...options.members,
  };
  for (const [name, content] of Object.entries(members)) {
    if (content === null) continue;
    for (const part of split(content, name.startsWith('rootfs/') ? options.segmentBytes : undefined)) {
      const root = join(scratch, 'member');
      mkdirSync(join(root, dirname(name)), { recursive: true });
      writeFileSync(join(root, name), part);
      const path = options.dotted ? `./${name}` : name;
      execFileSync('tar', ['-r', `--format=${options.format ?? 'ustar'}`, '-C', root, '-f', archive, path]);
    }
  }
  return archive;
}

function split(content: string | Buffer, partBytes: number | undefined): Buffer[] {
  const bytes = Buffer.from(content);
  if (partBytes === undefined) return [bytes];
  const count = Math.ceil(bytes.length / partBytes);
  return Array.from({ length: count }, (_, index) =>
    bytes.subarray(index * partBytes, (index + 1) * partBytes),
  );
}

/** A root filesystem with an init, gzipped. */
function makePayload(scratch: string): Buffer {
  const root = join(scratch, 'rootfs');
  mkdirSync(join(root, 'sbin'), { recursive: true });
  mkdirSync(join(root, 'etc'));
  symlinkSync('/lib/systemd/systemd', join(root, 'sbin/init'));
  writeFileSync(join(root, 'etc/hostname'), 'web1\n');
  return execFileSync('tar', ['--numeric-owner', '-cz', '-C', root, '.']);
}

const METADATA = {
  type: 'full',
  format: 'tar',
  container: '101',
  user: null,
  group: null,
  datasets: [],
  exported_at: 0,
};

const CONFIG = {
  distribution: 'debian',
  version: '7',
  arch: 'x86_64',
  net_interfaces: [
    {
      type: 'routed',
      name: 'eth0',
      ip_addresses: { v4: ['192.0.2.17/32'], v6: [] },
      routes: { v4: ['192.0.2.17/32'], v6: [] },
    },
  ],
  cgparams: [{ version: 1, subsystem: 'memory', name: 'memory.limit_in_bytes', value: [1073741824] }],
  devices: [],
  autostart: { priority: 1000, delay: 5 },
};
