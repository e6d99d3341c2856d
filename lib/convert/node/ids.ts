import { listing } from '../listing.ts';
import type { NodeCase } from './case.ts';

/**
 * Ids above 65535. Where the dataset is mapped they are stored as 65534; where the mount is (map_mode native), they stay on
 * the disk, and nobody in the container is their owner.
 */
export function judgeIds(judged: NodeCase): void {
  const { facts, node } = judged;
  const deep = facts?.deep ?? null;
  if (deep === null) {
    judged.warn('GUEST_UNKNOWN', {
      text: 'whether files are owned by ids above 65535, which the target cannot hold, is not known',
      evidence: facts === null ? 'nothing was looked up at the source' : 'its tree was not walked',
      remedy: 'vz-parse-config --facts deep looks; vz-rootfs-tar does in any case',
    });
    return;
  }
  const { foreignIds, highestUid, highestGid } = deep;
  if (foreignIds.count === '0') return;
  const modes = node.document.mapModes;
  // The warning of the same code stays.
  if (modes?.length === 1 && modes[0] === 'native') return;
  const highest =
    highestUid === null || highestGid === null ? '' : `, up to uid ${highestUid} and gid ${highestGid}`;
  judged.block('FOREIGN_IDS', {
    text: `${foreignIds.count} files are owned by ids above 65535, and would belong to nobody`,
    evidence: `${listing(foreignIds.examples, { most: MOST_EXAMPLES })}${highest}`,
    remedy: "chown them in the container first; find / -xdev '(' -uid +65535 -o -gid +65535 ')' shows them",
  });
}

const MOST_EXAMPLES = 5;
