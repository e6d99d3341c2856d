import type { Tree } from '../guest-tree.ts';

/** A guest before and after; the trees are made by hand from what vzctl's scripts and the distributions write. */
export interface Guest {
  readonly name: string;
  readonly distribution: string;
  readonly before: Tree;
  /** Fixes that find something to do. */
  readonly applied: readonly string[];
  /** Fixes that find it done already, without those that were applied. */
  readonly already?: readonly string[];
  readonly failed?: readonly string[];
  /** Contents afterwards; null: it is gone. */
  readonly after: Readonly<Record<string, string | null | { readonly to: string }>>;
}

/** As vzctl writes it for a quota of users. */
export const QUOTA = `#!/bin/sh
start() {
	[ -e "/dev/simfs" ] || mknod /dev/simfs b 0 35
	quotaon -aug
}
`;
