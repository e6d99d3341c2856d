import { isDeepStrictEqual } from 'node:util';
import { formatBytes } from '../cli/units.ts';
import { normaliseAddress } from '../documents/address.ts';
import type { OsctlContainer } from '../documents/documents.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Finding, Say } from './findings.ts';
import type { ImportOptions } from './import-options.ts';
import type { NodeState, Pool } from './node-state.ts';
import { namesIn } from './node-state.ts';
import type { PoolState } from './pool-state.ts';
import { judgeDataset, judgeSpool, spaceNeeded } from './space.ts';
import { importMark } from './unfinished.ts';

export interface Wanted {
  readonly id: string;
  readonly document: OsctlContainer;
  readonly options: ImportOptions;
  /** Size of the archive when it is a file; null: not known. */
  readonly archiveBytes: bigint | null;
}

export interface Judgement {
  readonly refusals: readonly Finding[];
  readonly warnings: readonly Finding[];
  readonly neededBytes: bigint | null;
}

/** The pool asked for, or the only one. Throws VzError (78). */
export function choosePool(node: Pick<NodeState, 'pools'>, wanted: string | null, where: string): Pool {
  const names = node.pools.map(({ name }) => name).join(', ');
  const refuse = (what: string, hint?: string): VzError =>
    new VzError('POOL', { exit: EXIT.refused, where, what, hint });
  const pool = wanted === null ? node.pools[0] : node.pools.find(({ name }) => name === wanted);
  if (!pool)
    throw refuse(wanted === null ? 'osctl has no pool' : `no pool ${wanted}`, names && `there is ${names}`);
  if (wanted === null && node.pools.length > 1)
    throw refuse(`several pools: ${names}`, 'say which one: HOST:POOL');
  if (pool.state && pool.state !== 'active') throw refuse(`pool ${pool.name} is ${pool.state}`);
  return pool;
}

/** What speaks against an import, decided from what the node said; osctld itself would leave a ghost for most of it. */
export function judge(wanted: Wanted, node: NodeState, pool: Pool, space: PoolState): Judgement {
  const refusals: Finding[] = [];
  const warnings: Finding[] = [];
  const refuse = (code: string, text: string): void => void refusals.push({ code, text });
  const warn = (code: string, text: string): void => void warnings.push({ code, text });
  judgeIdentity(wanted, node, pool, refuse, warn);
  judgeContainer(wanted, node, pool, space, refuse);
  const { document, options } = wanted;
  if (options.dataset !== undefined && !options.dataset.startsWith(`${pool.name}/`)) {
    refuse('DATASET', `dataset ${options.dataset} does not belong to pool ${pool.name}`);
  }
  judgeDataset(wanted, node, pool, space, refuse);
  const neededBytes = spaceNeeded(wanted);
  if (!options.direct) judgeSpool(wanted, space, refuse);
  if (neededBytes !== null && space.availableBytes !== null && neededBytes > space.availableBytes) {
    const [needed, available] = [neededBytes, space.availableBytes].map(formatBytes);
    const what = options.direct ? 'the data' : 'archive and data at once';
    refuse('NO_SPACE', `about ${needed} are needed for ${what}, pool ${pool.name} has ${available}`);
  }
  judgeNetwork(document, node, warn);
  return { refusals, warnings, neededBytes };
}

/** A container that is there; of one that a direct import has left unfinished, what to do about it. */
function judgeContainer(
  { id }: Wanted,
  { container }: NodeState,
  pool: Pool,
  space: PoolState,
  refuse: Say,
): void {
  if (!container) return;
  const ct = `${pool.name}:${id}`;
  if (space.importRuns) {
    refuse('IMPORT_RUNNING', `an import of ${ct} goes on, or is being undone; repeat it when that has ended`);
  } else if (importMark(container)) {
    const text = `container ${ct} is what a direct import left that was cut off; remove it there with: osctl ct del ${ct}`;
    refuse('IMPORT_UNFINISHED', text);
  } else {
    const ghost = container.state === 'staged' ? ', in state staged: perhaps what a failed import left' : '';
    refuse('ID_TAKEN', `container ${ct} exists already${ghost}; another id with --as-id`);
  }
}

function judgeIdentity(wanted: Wanted, node: NodeState, pool: Pool, refuse: Say, warn: Say): void {
  const { id, document, options } = wanted;
  const [users, groups] = [namesIn(node.users, pool), namesIn(node.groups, pool)];
  const user = options.asUser ?? document.user?.name;
  if (options.asUser !== undefined && node.users && !users.includes(options.asUser)) {
    refuse('NO_USER', `there is no user ${options.asUser} on the node`);
  }
  if (user === undefined && users.includes(id)) {
    if (node.container) return;
    warn('USER_EXISTS', `user ${id} exists already and will be the container's (left by a failed import?)`);
  } else if (
    user === undefined &&
    !(/^[a-z0-9_-]+$/.test(id) && id.length <= USER_NAME_CHARS - pool.name.length)
  ) {
    refuse(
      'NO_AUTOMATIC_USER',
      `osctld cannot make a user named ${id}; another id with --as-id, or a user with --as-user`,
    );
  }
  judgeUserMaps(wanted, node, refuse);
  const group = options.asGroup ?? document.group ?? undefined;
  if (group === undefined || !node.groups || groups.includes(group)) return;
  if (options.asGroup !== undefined) refuse('NO_GROUP', `there is no group ${group} on the node`);
  else warn('GROUP_NEW', `group ${group} is not on the node and will be made, without limits`);
}

/** osctld: `user … already exists: uid_map mismatch`, which a client sees as an internal error. */
function judgeUserMaps({ document: { user }, options }: Wanted, { userMaps }: NodeState, refuse: Say): void {
  if (user === null || userMaps === null || options.asUser !== undefined) return;
  const isSame = (['uidMap', 'gidMap'] as const).every((map) => isDeepStrictEqual(userMaps[map], user[map]));
  if (isSame) return;
  const maps = `${userMaps.uidMap.join(',')}, and the document ${user.uidMap.join(',')}`;
  refuse(
    'USER_MAP',
    `user ${user.name} of the node has another id map: ${maps}; another user with --as-user`,
  );
}

function judgeNetwork(document: OsctlContainer, node: NodeState, warn: Say): void {
  const { unknown } = node.addresses;
  if (unknown.length > 0) {
    warn(
      'ADDRESSES_UNKNOWN',
      `the node did not tell all addresses ${unknown.join(' and ')}; one may be in use twice`,
    );
  }
  for (const netif of document.config.net_interfaces) {
    if (netif.type === 'bridge' && node.links && !node.links.includes(netif.link)) {
      warn(
        'NO_BRIDGE',
        `there is no bridge ${netif.link} on the node; the container will not start with ${netif.name}`,
      );
    }
    for (const entry of [...netif.ip_addresses.v4, ...netif.ip_addresses.v6]) {
      const address = normaliseAddress(entry.replace(/\/\d+$/, ''));
      const used = node.addresses.known.find((other) => other.address === address);
      if (used) warn('ADDRESS_IN_USE', `${address} is in use on the node: ${used.where}`);
    }
  }
}

/** osctld: an automatic user is named like the container, in at most 31 characters less the pool's name. */
const USER_NAME_CHARS = 31;
