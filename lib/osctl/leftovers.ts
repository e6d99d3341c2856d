import type { NodeState, Pool } from './node-state.ts';
import { namesIn } from './node-state.ts';
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

export interface LeftoverNames {
  readonly pool: Pool;
  readonly id: string;
  readonly dataset: string;
  /** The user and the group that the import makes when they are not there; null: none. */
  readonly user: string | null;
  readonly group: string | null;
}

/**
 * What a failed import left on the node. osctld of 2024 has no clean-up: between the registration and the saving of the
 * configuration it keeps a container that `osctl ct del` cannot remove, but which osctld forgets when it is restarted
 * (running containers survive that). Once there is a configuration it is the other way round: a restart keeps it, and
 * `osctl ct del` takes the dataset and the user along. A container in any other state than `staged` is not what a failed
 * import leaves, so it is somebody's, and no command is offered.
 */
export function findLeftovers(before: Look, after: Look, names: LeftoverNames): Leftovers {
  const { pool, id, dataset } = names;
  const { container } = after.node;
  const there = container ? [`container ${pool.name}:${id} in state ${container.state}`] : [];
  if (container && container.state !== 'staged') {
    return {
      things: [...there, "which may be somebody else's and must not be removed unseen"],
      commands: [],
    };
  }
  const things = there;
  const commands: string[] = [];
  const isOld = before.space.datasetExists;
  const deletes = container !== null && after.space.configFile !== null && !isOld;
  if (deletes) commands.push(`osctl ct del ${pool.name}:${id}`);
  // `osctl ct del` would move a dataset that was there before to the trash as well.
  else if (after.space.configFile !== null && container) commands.push(`rm ${after.space.configFile}`);
  if (container && !deletes) commands.push('sv restart osctld');
  if (after.space.datasetExists && !isOld) {
    things.push(`dataset ${dataset}`);
    if (!deletes) commands.push(`zfs destroy -r ${dataset}`);
  } else if (after.space.datasetExists && container) {
    things.push(`perhaps partial data in dataset ${dataset}, which was there before`);
  }
  for (const kind of ['user', 'group'] as const) {
    const name = names[kind];
    if (name === null || !isNew(name, before.node[`${kind}s`], after.node[`${kind}s`], pool)) continue;
    things.push(`${kind} ${name}`);
    if (kind === 'group' || !deletes) commands.push(`osctl ${kind} del ${pool.name}:${name}`);
  }
  return { things, commands };
}

function isNew(name: string, before: NodeState['users'], after: NodeState['users'], pool: Pool): boolean {
  return namesIn(after, pool).includes(name) && before !== null && !namesIn(before, pool).includes(name);
}
