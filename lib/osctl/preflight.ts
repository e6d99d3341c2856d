import { formatBytes } from '../cli/units.ts';
import type { OsctlContainer } from '../documents/documents.ts';
import { EXIT, VzError } from '../errors.ts';
import { normaliseAddress } from './addresses-in-use.ts';
import type { Finding } from './findings.ts';
import type { ImportOptions } from './import-options.ts';
import type { NodeState, Pool } from './node-state.ts';
import { namesIn } from './node-state.ts';
import type { PoolState } from './pool-state.ts';

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
export function choosePool(node: NodeState, wanted: string | null, where: string): Pool {
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
  const { document, options } = wanted;
  if (options.dataset !== undefined && !options.dataset.startsWith(`${pool.name}/`)) {
    refuse('DATASET', `dataset ${options.dataset} does not belong to pool ${pool.name}`);
  }
  // A container that is there has its dataset and its user, and is refused for itself.
  if (space.datasetExists && !node.container && options.dataset === undefined) {
    const name = `${pool.dataset}/ct/${wanted.id}`;
    refuse(
      'DATASET_EXISTS',
      `dataset ${name} exists already, and its contents would be mixed with the archive's`,
    );
  }
  if (!space.spoolWritable) refuse('SPOOL_DIR', `${space.spoolDir} is no directory that can be written to`);
  if (/^(tmpfs|ramfs)$/.test(space.spoolFilesystem ?? '')) {
    refuse(
      'SPOOL_DIR',
      `${space.spoolDir} is in the node's memory; name a directory on a pool with --spool-dir`,
    );
  }
  const neededBytes = spaceNeeded(wanted);
  if (neededBytes !== null && space.availableBytes !== null && neededBytes > space.availableBytes) {
    const [needed, available] = [neededBytes, space.availableBytes].map(formatBytes);
    refuse(
      'NO_SPACE',
      `about ${needed} are needed for archive and data at once, pool ${pool.name} has ${available}`,
    );
  }
  const spooled = wanted.archiveBytes;
  if (spooled !== null && space.spoolFreeBytes !== null && spooled > space.spoolFreeBytes) {
    refuse(
      'NO_SPACE',
      `the archive has ${formatBytes(spooled)}, ${space.spoolDir} ${formatBytes(space.spoolFreeBytes)}`,
    );
  }
  judgeNetwork(document, node, warn);
  return { refusals, warnings, neededBytes };
}

type Say = (code: string, text: string) => void;

function judgeIdentity(
  { id, document, options }: Wanted,
  node: NodeState,
  pool: Pool,
  refuse: Say,
  warn: Say,
): void {
  if (node.container) {
    const ghost =
      node.container.state === 'staged' ? ', in state staged: perhaps what a failed import left' : '';
    refuse('ID_TAKEN', `container ${pool.name}:${id} exists already${ghost}; another id with --as-id`);
  }
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
  const group = options.asGroup ?? document.group ?? undefined;
  if (group === undefined || !node.groups || groups.includes(group)) return;
  if (options.asGroup !== undefined) refuse('NO_GROUP', `there is no group ${group} on the node`);
  else warn('GROUP_NEW', `group ${group} is not on the node and will be made, without limits`);
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

/** The archive and the unpacked data exist at the same time. Of an unknown archive we take it for as large as the data. */
function spaceNeeded({ document, archiveBytes }: Wanted): bigint | null {
  const used = document.source.facts?.usedBytes;
  const data = used === null || used === undefined ? null : BigInt(used);
  if (archiveBytes === null) return data === null ? null : data * 2n;
  return archiveBytes + (data ?? archiveBytes);
}

/** osctld: an automatic user is named like the container, in at most 31 characters less the pool's name. */
const USER_NAME_CHARS = 31;
