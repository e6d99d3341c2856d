import type { Severity } from '../documents/report.ts';
import type { Entry, Verdict } from './entry.ts';
import { VERDICTS, verdictOf } from './entry.ts';
import { isAtLeast } from './finding.ts';
import type { Fleet, FleetFinding, Member } from './fleet.ts';
import type { Loss, Losses } from './losses.ts';
import type { NodeSummary } from './nodes.ts';
import { summarizeNodes } from './nodes.ts';

export type View = 'container' | 'loss' | 'node';

/** All that can be said at the end. Lists of places are places in `members`. */
export interface Result {
  readonly members: readonly Member[];
  readonly verdicts: readonly Verdict[];
  /** At the severity asked for, as all that follows. */
  readonly fleet: readonly FleetFinding[];
  /** Places of those that are clean by themselves, and not beside the others. */
  readonly alsoNeed: readonly number[];
  readonly losses: readonly Loss[];
  readonly nodes: readonly NodeSummary[];
}

export function resultOf(fleet: Fleet, losses: Losses, least: Severity): Result {
  const { members } = fleet;
  const verdicts = fleet.verdicts();
  const findings = fleet.findings();
  return {
    members,
    verdicts,
    // Those that make a container need a person are shown in any case: else its verdict had no reason.
    fleet: findings.filter(({ severity }) => isAtLeast(severity, least) || isAtLeast(severity, 'major')),
    alsoNeed: members.flatMap((member, place) =>
      verdictOf(member) === 'clean' && verdicts[place] !== 'clean' ? place : [],
    ),
    losses: losses.all().filter(({ severity }) => isAtLeast(severity, least)),
    nodes: summarizeNodes(members, verdicts, findings),
  };
}

export function namesOf({ members }: Pick<Result, 'members'>, who: readonly number[]): string[] {
  return who.map((place) => members[place]?.name ?? '');
}

/** Places of the members of one verdict. */
export function placesOf({ verdicts }: Pick<Result, 'verdicts'>, wanted: Verdict): number[] {
  return verdicts.flatMap((verdict, place) => (verdict === wanted ? place : []));
}

/** `12 containers: 7 clean, 4 need a person, 1 failed`; of those that are blocked only where there are any. */
export function countsText(verdicts: readonly Verdict[]): string {
  const count = (wanted: Verdict): number => verdicts.filter((verdict) => verdict === wanted).length;
  const [clean, needing, blocked, failed] = VERDICTS.map(count);
  const all = verdicts.length;
  return `${all} ${all === 1 ? 'container' : 'containers'}: ${clean} clean, ${needing} ${
    needing === 1 ? 'needs' : 'need'
  } a person, ${blocked ? `${blocked} blocked, ` : ''}${failed} failed`;
}

/** What a view by container does not show: `23 info, 2 minor not shown`. Empty: nothing. */
export function hiddenText({ findings }: Entry, least: Severity): string {
  const counts = (['info', 'minor', 'major'] as const).flatMap((severity) => {
    const count = isAtLeast(severity, least)
      ? 0
      : findings.filter((finding) => finding.severity === severity).length;
    return count > 0 ? `${count} ${severity}` : [];
  });
  return counts.length > 0 ? `${counts.join(', ')} not shown` : '';
}
