import type { Log } from '../cli/log.ts';
import { formatBytes, formatDuration } from '../cli/units.ts';
import type { GuestFixReport } from '../guest/apply.ts';
import type { Host } from '../host/host.ts';
import type { ArchiveHead } from './archive-head.ts';
import type { Finding } from './findings.ts';
import type { FollowUpResult } from './follow-ups.ts';
import type { ImportOptions } from './import-options.ts';
import type { NodeState, Pool, ShownContainer } from './node-state.ts';
import type { PoolState } from './pool-state.ts';
import type { Judgement } from './preflight.ts';

export interface ImportJob {
  readonly host: Host;
  /** The command that gets a shell there, for messages: `ssh root@node`. */
  readonly login: string;
  /** null: the node's only pool. */
  readonly pool: string | null;
  readonly head: ArchiveHead;
  readonly options: ImportOptions;
  /** Codes of blockers that the document may have all the same. */
  readonly ignored: ReadonlySet<string>;
  /** Size of the archive when it is a file; null: not known. */
  readonly archiveBytes: bigint | null;
  readonly cancelInput: (reason: Error) => void;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** What is known before anything is changed. */
export interface Preflight extends Judgement {
  readonly id: string;
  readonly pool: Pool;
  readonly node: NodeState;
  readonly space: PoolState;
  /** Dataset that the container will have. */
  readonly dataset: string;
  /** What the import leaves to do, or does with `--apply`. */
  readonly followUps: readonly FollowUpResult[];
}

export interface ImportReport {
  readonly kind: 'import-report';
  readonly host: string;
  readonly pool: string;
  readonly id: string;
  readonly user: string | null;
  readonly dataset: string;
  readonly state: string;
  /** Without a spool file on the node. */
  readonly direct: boolean;
  readonly bytes: number;
  readonly autostart: boolean;
  readonly warnings: readonly Finding[];
  readonly followUps: readonly FollowUpResult[];
  /** null: nothing was asked for. */
  readonly guestFixes: GuestFixReport | null;
}

/** What an import has made, and what was found in its archive. */
export interface ImportedContainer {
  readonly container: ShownContainer;
  readonly bytes: number;
  readonly warnings: readonly Finding[];
}

/** What is said when all was sent. */
export function describeSending(bytes: number, startedMs: number): string {
  const elapsedMs = Math.max(Date.now() - startedMs, 1);
  const rate = formatBytes(Math.round((bytes * 1000) / elapsedMs));
  return `sent ${formatBytes(bytes)} in ${formatDuration(elapsedMs)} (${rate}/s), the archive is whole`;
}
