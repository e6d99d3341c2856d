import type { Severity } from '../documents/report.ts';
import type { Verdict } from './entry.ts';
import { bySeverity } from './finding.ts';
import type { FleetFinding, Member } from './fleet.ts';

export interface NodeSummary {
  /** null: those that failed, whose node is not known. */
  readonly node: string | null;
  /** With what is found between containers. null: nothing at all is reported. */
  readonly worst: Severity | null;
  /** Places of its containers in `Fleet.members`, rising. */
  readonly byVerdict: Readonly<Record<Verdict, readonly number[]>>;
}

/** The nodes in the order in which they came, the unknown one last. */
export function summarizeNodes(
  members: readonly Member[],
  verdicts: readonly Verdict[],
  fleet: readonly FleetFinding[],
): NodeSummary[] {
  const fromFleet = new Map<number, Severity>();
  for (const { severity, who } of fleet) {
    for (const place of who) fromFleet.set(place, worst(fromFleet.get(place) ?? null, severity) ?? severity);
  }
  const nodes = new Map<string | null, Gathered>();
  for (const [place, member] of members.entries()) {
    const node = nodes.get(member.node) ?? {
      node: member.node,
      worst: null,
      byVerdict: { clean: [], 'needs a person': [], blocked: [], failed: [] },
    };
    nodes.set(member.node, node);
    node.worst = worst(worst(node.worst, member.worst), fromFleet.get(place) ?? null);
    node.byVerdict[verdicts[place] ?? 'clean'].push(place);
  }
  return [...nodes.values()].sort((a, b) => Number(a.node === null) - Number(b.node === null));
}

interface Gathered {
  readonly node: string | null;
  worst: Severity | null;
  readonly byVerdict: Record<Verdict, number[]>;
}

function worst(a: Severity | null, b: Severity | null): Severity | null {
  if (a === null || b === null) return a ?? b;
  return bySeverity(a, b) <= 0 ? a : b;
}
