import type { OsctlContainer } from '../../documents/osctl-container.ts';
import { NodeCase } from './case.ts';
import { judgeGuest } from './guest.ts';
import { judgeIds } from './ids.ts';
import { judgeNetwork } from './network.ts';
import type { NodeIndex } from './node-index.ts';
import { judgePlace } from './place.ts';
import { judgeDevices, judgeSource } from './source.ts';

/**
 * The container with what speaks against it on a node, and what is only to be known. A blocker says what a warning of the
 * same code says, and more, so that one goes. `kept` is how many of the first warnings are not ours and stay.
 */
export function judgeOnNode(container: OsctlContainer, node: NodeIndex, kept: number): OsctlContainer {
  const judged = new NodeCase(container, node);
  judgeGuest(judged);
  judgeIds(judged);
  judgePlace(judged);
  judgeNetwork(judged);
  judgeDevices(judged);
  judgeSource(judged);
  const { blockers, warnings } = judged;
  const said = new Set<string>(blockers.map(({ code }) => code));
  const before = container.report.warnings.filter(({ code }, place) => place < kept || !said.has(code));
  const { pool } = node;
  return {
    ...container,
    report: { ...container.report, warnings: [...before, ...warnings] },
    node: {
      name: node.name,
      at: node.document.at,
      pool: pool?.name ?? null,
      availableBytes: pool?.availableBytes ?? null,
    },
    blockers,
  };
}
