import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Gives a tree the shell and the tools of a guest; needs busybox, linked statically. */
export function addBusybox(root: string): void {
  const bin = join(root, 'bin');
  mkdirSync(bin, { recursive: true });
  const busybox = execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim();
  copyFileSync(busybox, join(bin, 'busybox'));
  execFileSync(join(bin, 'busybox'), ['--install', '-s', bin]);
  // The links lead to where it was called from.
  execFileSync('sh', ['-c', 'for link in *; do [ ! -h "$link" ] || ln -sfn busybox "$link"; done'], {
    cwd: bin,
  });
}
