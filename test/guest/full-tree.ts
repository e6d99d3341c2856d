import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Tree } from './guest-tree.ts';

export const INITTAB = 'si::sysinit:/etc/init.d/rcS\n1:2345:respawn:/sbin/getty 38400 tty1\n';
/** Something for several fixes. */
export const FULL: Tree = {
  'etc/inittab': INITTAB,
  'etc/fstab': 'simfs / simfs defaults 0 0\n',
  'etc/mtab': 'simfs / simfs rw 0 0\n',
  'etc/network/interfaces': 'auto venet0\niface venet0 inet static\n',
  'etc/rc.conf': 'rc_sys="openvz"\n',
};

/** A directory beside the tree, as hostile links want it. */
export function makeOutside(root: string, tree: Tree): string {
  const outside = join(dirname(root), 'outside');
  for (const [path, entry] of Object.entries(tree)) {
    mkdirSync(dirname(join(outside, path)), { recursive: true });
    if (typeof entry === 'string') writeFileSync(join(outside, path), entry);
  }
  return outside;
}

/** Contents of the files, but for what is kept to undo. */
export function contents(root: string): Record<string, string> {
  const files = execFileSync(
    'find',
    ['.', '-name', '.vz2osctl', '-prune', '-o', '-type', 'f', '-printf', '%P\\n'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  return Object.fromEntries(
    files
      .split('\n')
      .filter(Boolean)
      .sort()
      .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
  );
}
