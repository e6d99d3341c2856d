import type { NodeState, Pool } from './node-state.ts';
import type { PoolState } from './pool-state.ts';

export interface Look {
  readonly node: NodeState;
  readonly space: PoolState;
}

export interface Leftovers {
  /** What is there now and was not before. */
  readonly things: readonly string[];
  /** The commands that remove it, for the node's root. */
  readonly commands: readonly string[];
}

/**
 * What a failed import left on the node. osctld of 2024 has no clean-up: after the registration it keeps a container
 * without a configuration, which `osctl ct del` cannot remove, but which osctld forgets when it is restarted (running
 * containers survive that).
 */
export function findLeftovers(
  before: Look,
  after: Look,
  names: { pool: Pool; id: string; dataset: string },
): Leftovers {
  const { pool, id, dataset } = names;
  const things: string[] = [];
  const commands: string[] = [];
  if (after.node.container) {
    things.push(`container ${pool.name}:${id} in state ${after.node.container.state}`);
    commands.push('sv restart osctld');
  }
  if (after.space.datasetExists && !before.space.datasetExists) {
    things.push(`dataset ${dataset}`);
    commands.push(`zfs destroy -r ${dataset}`);
  }
  if (after.node.users?.includes(id) && !before.node.users?.includes(id)) {
    things.push(`user ${id}`);
    commands.push(`osctl user del ${id}`);
  }
  return { things, commands };
}
