import type { NodeFacts, StatusFacts } from '../../documents/facts.ts';
import type { OsctlContainer } from '../../documents/osctl-container.ts';
import type { Guard } from '../../guard/guard.ts';
import type { Host } from '../../host/host.ts';

/**
 * Where the files of a container are read. There is one for each way of storage; `selectTree` chooses. The order is:
 * `preview` is walked, the container is stopped if it runs, `snapshot`, started, `open`, what that returns is packed; a
 * tree without `snapshot` is packed before the start. What a tree does to the node is undone by the guard.
 */
export interface Tree {
  /** A line for people: what is read, and why that; null where it is simply the private area. */
  readonly about: string | null;
  /** Where the files can be seen before anything is done; null: not before `open`. */
  readonly preview: string | null;
  /** Patterns of paths below the root that are no files of the container. */
  readonly excludes: readonly string[];
  /** What is mounted below the root and not read with it, as far as only this tree knows. */
  readonly notRead: readonly string[];
  readonly stop: 'mounted' | 'unmounted';
  /** Snapshots are made of it, and one that a dead run has left may be there; null: none are. */
  readonly dataset: string | null;
  /** Takes it while the container is down, in a moment however much data there is; null: it is down for the whole copy. */
  readonly snapshot: ((guard: Guard) => Promise<void>) | null;
  /** vzctl has to keep its hands off while it is read; else the container may reboot meanwhile. */
  readonly needsLock: boolean;
  /** Returns the absolute path to read. The guard is null when nothing is stopped, and there is no snapshot. */
  readonly open: (guard: Guard | null) => Promise<string>;
  readonly plan: TreePlan;
}

/** What will be done, as lines to paste. */
export interface TreePlan {
  readonly stop: string;
  readonly snapshot: readonly string[];
  readonly open: readonly string[];
  /** Where it is read then. */
  readonly path: string;
  readonly close: readonly string[];
}

/** What a tree is made of. */
export interface TreeSource {
  readonly host: Host;
  readonly ctid: string;
  readonly source: OsctlContainer['source'];
  readonly node: NodeFacts;
  readonly status: StatusFacts;
  /** A snapshot of ploop's is wanted where vzctl can mount one. */
  readonly ploopSnapshot: boolean;
  readonly signal: AbortSignal;
  readonly warn: (text: string) => void;
}

/** A directory of ours to mount at: beside vzctl's locks, where only root can write, and one for each container. */
export function mountDirectory({ node, ctid }: TreeSource): string {
  return `${node.lockDir}/${ctid}.vz2osctl-tree`;
}
