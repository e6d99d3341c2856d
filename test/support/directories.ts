import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';

/** A directory on a disk for the length of a test: that of temporary files is in memory on many machines. */
export function diskDirectory(t: TestContext): string {
  mkdirSync('build', { recursive: true });
  const directory = mkdtempSync(resolve('build', 'directory-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A small file system in memory for the length of a test; needs root. */
export function memoryDirectory(t: TestContext, type: 'tmpfs' | 'ramfs' = 'tmpfs'): string {
  const directory = mkdtempSync(join(tmpdir(), 'vz2osctl-memory-'));
  execFileSync('mount', ['-t', type, ...(type === 'tmpfs' ? ['-o', 'size=64k'] : []), type, directory]);
  t.after(() => {
    execFileSync('umount', ['-l', directory]);
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}
