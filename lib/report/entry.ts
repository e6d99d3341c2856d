import { formatBytes } from '../cli/units.ts';
import type { OsctlContainer, VzErrorDocument } from '../documents/documents.ts';
import type { FollowUp } from '../documents/follow-up.ts';
import type { Severity } from '../documents/report.ts';
import type { HostReference } from '../documents/source.ts';
import { shorten } from './escape.ts';
import type { Finding } from './finding.ts';
import { bySeverity, findingOfBlocker, findingsOf, isAtLeast } from './finding.ts';

/** What is known of one container, whatever the view. */
export interface Entry {
  /** `[USER@]HOST:CTID`; `101` on this machine; `dir:PREFIX:CTID`, `vzdump:FILE`. */
  readonly name: string;
  /** `[USER@]HOST`. null: not known, as for a container that failed. */
  readonly node: string | null;
  readonly ctid: string | null;
  /** Id on the target; null for one that failed. */
  readonly id: string | null;
  readonly hostname: string | null;
  /** File name of its config. */
  readonly file: string | null;
  readonly failed: boolean;
  /** Something speaks against it on the node that it was looked at for. */
  readonly blocked: boolean;
  /** That node. null: none. */
  readonly target: OsctlContainer['node'];
  /** Bytes of its data; null: not known. */
  readonly dataBytes: bigint | null;
  /** The worst first. */
  readonly findings: readonly Finding[];
  /** What is to be done once it is imported: `refquota 10 GiB`. */
  readonly followUps: readonly string[];
  /** What must not occur twice in a fleet. */
  readonly addresses: readonly string[];
  readonly macs: readonly string[];
}

export function entryOf(document: OsctlContainer): Entry {
  const { ctid, id, config, source, report, followUps, blockers, node } = document;
  const dataBytes = source.facts?.deep?.sizeBytes ?? source.facts?.usedBytes ?? null;
  return {
    name: nameOf(source, ctid),
    node: nodeOf(source),
    ctid,
    id,
    hostname: config.hostname,
    file: source.configPath === null ? null : (source.configPath.split('/').at(-1) ?? null),
    failed: false,
    blocked: blockers.length > 0,
    target: node,
    dataBytes: dataBytes === null ? null : BigInt(dataBytes),
    findings: [...blockers.map(findingOfBlocker), ...findingsOf(report)].sort((a, b) =>
      bySeverity(a.severity, b.severity),
    ),
    followUps: followUps.map(followUpText),
    addresses: config.net_interfaces.flatMap(({ ip_addresses: { v4, v6 } }) => [...v4, ...v6]),
    macs: config.net_interfaces.flatMap(({ hwaddr }) => hwaddr ?? []),
  };
}

/** A container that could not be converted. Its document does not say where it lives. */
export function entryOfError({ ctid, program, code, exit, message }: VzErrorDocument): Entry {
  const finding: Finding = {
    severity: 'critical',
    fate: 'failed',
    codes: [code],
    items: [],
    line: null,
    text: `${program}: ${message} (exit code ${exit})`,
  };
  return {
    name: shorten(ctid ?? '(no id)', LONGEST_NAME),
    node: null,
    ctid: ctid === null ? null : shorten(ctid, LONGEST_NAME),
    id: null,
    hostname: null,
    file: null,
    failed: true,
    blocked: false,
    target: null,
    dataBytes: null,
    findings: [finding],
    followUps: [],
    addresses: [],
    macs: [],
  };
}

/** A document may come from anyone. */
const LONGEST_NAME = 200;

/**
 * `clean`: it may move. `needs a person`: something is major or critical. `blocked`: the steps that move it would refuse it
 * for the node that it was looked at for.
 */
export type Verdict = 'clean' | 'needs a person' | 'blocked' | 'failed';
export const VERDICTS: readonly Verdict[] = ['clean', 'needs a person', 'blocked', 'failed'];

export interface Judged extends Pick<Entry, 'failed' | 'blocked'> {
  /** Of its findings. */
  readonly worst: Severity | null;
}

export function verdictOf({ failed, blocked, worst }: Judged): Verdict {
  if (failed) return 'failed';
  if (blocked) return 'blocked';
  return worst !== null && isAtLeast(worst, 'major') ? 'needs a person' : 'clean';
}

/** As long as only the container itself is known. */
export function verdictOfEntry({ failed, blocked, findings }: Entry): Verdict {
  return verdictOf({ failed, blocked, worst: findings[0]?.severity ?? null });
}

type Source = Pick<OsctlContainer['source'], 'host' | 'offline'>;

/** Of a dead node the disks stand for it; archives have none. */
function nodeOf({ host, offline }: Source): string | null {
  if (offline !== null) return offline.from === 'dir' ? `dir:${offline.prefix}` : null;
  return host === null ? THIS_MACHINE : labelOf(host);
}

function nameOf({ host, offline }: Source, ctid: string): string {
  if (offline !== null)
    return offline.from === 'dir' ? `dir:${offline.prefix}:${ctid}` : `vzdump:${offline.file}`;
  if (host === null) return ctid;
  return `${labelOf(host)}${host.port === null ? ':' : '/'}${ctid}`;
}

/** The words in which vz-parse-config takes it. */
function labelOf({ user, name, port }: HostReference): string {
  const label = user === null ? name : `${user}@${name}`;
  return port === null ? label : `ssh://${label}:${port}`;
}

function followUpText(followUp: FollowUp): string {
  switch (followUp.do) {
    case 'refquota':
      return `refquota ${formatBytes(BigInt(followUp.bytes))}`;
    case 'device':
      return `device ${followUp.device}`;
  }
}

const THIS_MACHINE = 'this machine';
