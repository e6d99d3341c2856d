import { execFileSync } from 'node:child_process';
import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file system of its own, in a file beside its mount point. */
export interface SmallDisk {
  /** Fills it, but for so many bytes. */
  readonly fill: string;
  /** Makes the room again. */
  readonly free: string;
  readonly unmount: () => void;
}

/** Mounts a new ext4 of so many MiB at an empty directory. `fill` and `free` are lines for sh. Throws where there are no loop mounts. */
export function mountSmallDisk(dir: string, sizeMib: number, leftBytes: number): SmallDisk {
  const image = `${dir}.image`;
  writeFileSync(image, '');
  truncateSync(image, sizeMib * 1024 * 1024);
  // Blocks of the smallest size, and none kept for root.
  run('mkfs.ext4', '-q', '-b', '1024', '-m', '0', image);
  run('mount', '-o', 'loop', image, dir);
  const filler = join(dir, 'filler');
  return {
    fill: `free=$(df -B1 --output=avail '${dir}' | tail -n 1)\nhead -c $((free - ${leftBytes})) /dev/zero >'${filler}' || :`,
    free: `rm -f '${filler}'`,
    unmount: () => {
      run('umount', '-l', dir);
      rmSync(image);
    },
  };
}

function run(file: string, ...args: string[]): void {
  execFileSync(file, args, { env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` } });
}
