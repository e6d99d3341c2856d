import { formatBytes } from '../../cli/units.ts';
import type { NodeCase } from './case.ts';

/** Whether there is room for the container on the node: its pool, id, user, group, dataset and data. */
export function judgePlace(judged: NodeCase): void {
  judgePool(judged);
  judgeId(judged);
  judgeUser(judged);
  judgeGroup(judged);
  judgeSpace(judged);
}

function judgePool(judged: NodeCase): void {
  const { pool, document, name } = judged.node;
  if (pool === null) {
    judged.warn('POOL_UNKNOWN', {
      text: 'the node has several pools, and which one the container comes to is not known',
      evidence: `${name} has ${document.pools.map((one) => one.name).join(', ')}`,
      remedy: `name it: osctl-probe ${name}:POOL`,
    });
  } else if (pool.state !== null && pool.state !== 'active') {
    judged.block('POOL_INACTIVE', {
      text: `pool ${pool.name} takes no containers`,
      evidence: `it is ${pool.state} on ${name}`,
      remedy: 'choose another pool, or have it enabled',
    });
  }
}

function judgeId(judged: NodeCase): void {
  const { container, node } = judged;
  const { id } = container;
  const { containers } = node.document;
  if (containers === null) judged.nodeUnknown('which ids are taken', `id ${id}`);
  const taken = containers?.find((one) => one.id === id && node.isHere(one.pool));
  if (taken) {
    const ghost = taken.state === 'staged' ? ', perhaps what a failed import or a migration left' : '';
    judged.block('ID_TAKEN', {
      text: `id ${id} is another container's`,
      evidence: `${taken.pool}:${id} of ${node.name} is ${taken.state}${ghost}`,
      remedy: 'give another id with --as-id',
    });
    return;
  }
  const dataset = node.pool === null ? null : `${node.pool.dataset}/ct/${id}`;
  if (dataset === null || !node.hasDataset(dataset)) return;
  judged.block('DATASET_EXISTS', {
    text: 'its dataset is there already, and what it holds would be mixed with its files',
    evidence: `${dataset} on ${node.name}, without a container`,
    remedy: 'have it looked at and removed there, or give another id with --as-id',
  });
}

function judgeUser(judged: NodeCase): void {
  const { container, node } = judged;
  const { id, user } = container;
  if (user !== null) {
    if (node.hasUser(user.name)) {
      judged.warn('USER_EXISTS', {
        text: `user ${user.name} is on the node already, and has to have the same id map`,
        evidence: `--uid-map says ${user.uidMap.join(',')}`,
        remedy: `compare it with: osctl user map ${user.name}`,
      });
    }
    return;
  }
  if (node.hasUser(id)) {
    judged.warn('USER_EXISTS', {
      text: `user ${id} is on the node already, and will be the container's`,
      evidence: `osctl user ls of ${node.name}`,
      remedy: `look what it is for; a failed import may have left it: osctl user del ${id}`,
    });
    return;
  }
  const longestPool = Math.max(...node.document.pools.map(({ name }) => name.length));
  const most = USER_NAME_CHARS - (node.pool?.name.length ?? longestPool);
  if (/^[a-z0-9_-]+$/.test(id) && id.length <= most) return;
  judged.block('NO_AUTOMATIC_USER', {
    text: `osctld cannot make a user named ${id}`,
    evidence: `it takes at most ${most} of a-z 0-9 _ - on ${node.name}`,
    remedy: 'give another id with --as-id, or a user with --user and --uid-map',
  });
}

function judgeGroup(judged: NodeCase): void {
  const { container, node } = judged;
  const { group } = container;
  const { groups } = node.document;
  if (group === null || groups === null) return;
  if (groups.some(({ name, pool }) => name === group && node.isHere(pool))) return;
  judged.warn('GROUP_NEW', {
    text: `group ${group} is not on the node and will be made, without limits and with the standard devices`,
    evidence: `osctl group ls of ${node.name}`,
    remedy: 'make it before, or leave out --group',
  });
}

function judgeSpace(judged: NodeCase): void {
  const { facts, node } = judged;
  const known = facts?.deep?.sizeBytes ?? facts?.usedBytes ?? null;
  const available = node.pool?.availableBytes ?? null;
  if (known === null) {
    judged.warn('SPACE_UNKNOWN', {
      text: 'how much data it has is not known, nor whether there is room for it',
      evidence:
        facts === null
          ? 'nothing was looked up at the source'
          : 'no quota accounts for it, and its tree was not walked',
      remedy: 'vz-parse-config --facts deep finds out',
    });
    return;
  }
  if (node.pool === null) return;
  if (available === null) {
    judged.nodeUnknown(`the space of pool ${node.pool.name}`, `${formatBytes(BigInt(known))} of data`);
    return;
  }
  const [data, room] = [BigInt(known), BigInt(available)];
  if (data * 2n <= room) return;
  const evidence = `${formatBytes(data)} of data; pool ${node.pool.name} of ${node.name} has ${formatBytes(room)}`;
  if (data > room) {
    judged.block('NO_SPACE', {
      text: 'there is no room for its data',
      evidence,
      remedy: 'make room, or choose another pool or node',
    });
  } else {
    judged.warn('SPACE_TIGHT', {
      text: 'there is room for its data, and not for an archive of it at the same time',
      evidence,
      remedy: 'import it with osctl-import --direct, or move it with vz-migrate-step',
    });
  }
}

/** osctld: an automatic user is named like the container, in at most 31 characters less the pool's name. */
const USER_NAME_CHARS = 31;
