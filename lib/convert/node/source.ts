import { basename } from 'node:path/posix';
import { FEATURE_DEVICES } from '../../documents/follow-up.ts';
import { oneLine } from '../../errors.ts';
import { mountsOfScripts } from '../action-scripts.ts';
import { listing } from '../listing.ts';
import type { NodeCase } from './case.ts';

/** What of the source has to be settled before it is moved. */
export function judgeSource(judged: NodeCase): void {
  const { facts, container } = judged;
  const { ctid } = container;
  if (facts?.status?.suspended) {
    judged.block('SUSPENDED', {
      text: 'its memory is in a dump, and its files are not cleanly closed',
      evidence: `vzctl status ${ctid} says suspended`,
      remedy: `vzctl resume ${ctid} && vzctl stop ${ctid}`,
    });
  }
  if (facts && facts.submounts.length > 0) {
    judged.block('SUBMOUNTS', {
      text: 'what is mounted below its root is not moved',
      evidence: listing(facts.submounts, { most: MOST_NAMES }),
      remedy: 'unmount it, or bring it by other means, and ignore this',
    });
  }
  for (const { script, lines } of mountsOfScripts(container.source)) {
    // Those of all containers concern the node, and are warned of.
    if (basename(script.path).startsWith('vps.')) continue;
    judged.block('ACTION_MOUNTS', {
      text: 'what an action script mounts is not moved, and not mounted on vpsAdminOS',
      evidence: `${oneLine(script.path)}: ${listing(lines, { most: MOST_NAMES, separator: '; ' })}`,
      remedy: 'bring the data by other means, mount it there (osctl ct mounts), and ignore this',
    });
  }
}

/** Devices that follow-ups of the import add. */
export function judgeDevices(judged: NodeCase): void {
  const { container, node } = judged;
  const { deviceNodes, groups } = node.document;
  const groupName = container.group ?? '/default';
  const provided = groups?.find(({ name, pool }) => name === groupName && node.isHere(pool))?.devices ?? null;
  for (const followUp of container.followUps) {
    if (followUp.do !== 'device') continue;
    const { type, major, minor, path } = FEATURE_DEVICES[followUp.device];
    if (deviceNodes === null) judged.nodeUnknown('which devices its kernel has', `${path} is wanted`);
    else if (!deviceNodes.includes(path)) {
      judged.block('NO_DEVICE', {
        text: `${path} is wanted, and the node has none to give`,
        evidence: `there is no ${path} on ${node.name}`,
        remedy: `have its kernel module loaded there, or do without the device`,
      });
      continue;
    }
    const isProvided = provided?.some(
      (one) =>
        one.type === type &&
        (one.major === 'all' || one.major === major) &&
        (one.minor === 'all' || one.minor === minor),
    );
    if (isProvided !== false) continue;
    judged.warn('DEVICE_PROVIDED', {
      text: `its group does not provide ${path}: the follow-up lets the group, and all above it, have it as well`,
      evidence: `osctl group devices ls ${groupName} of ${node.name}`,
      remedy: `nothing, or beforehand: osctl group devices add ${groupName} ${type} ${major} ${minor} rwm ${path}`,
    });
  }
}

const MOST_NAMES = 10;
