import type { Host } from '../host/host.ts';
import { approveArchive } from './approve.ts';
import type { ImportJob } from './import-job.ts';
import type { VerifiedArchive } from './verify.ts';

/** What every way of sending an archive to a node needs. */
export interface Sending {
  readonly host: Host;
  readonly archive: AsyncIterable<Buffer>;
  /** Makes the next read of the archive throw. */
  readonly cancelInput: (reason: Error) => void;
  /** Counts until all was sent; then the import cannot be taken back, and its end is waited for. */
  readonly signal: AbortSignal;
  readonly onStderrLine: (line: string) => void;
  /** Throws when the archive must not be imported. */
  readonly approve: (archive: VerifiedArchive) => void;
}

/** The archive of a job on its way. */
export function sendingOf({ host, head, options, cancelInput, signal, log }: ImportJob): Sending {
  return {
    host,
    archive: head.bytes,
    cancelInput,
    signal,
    onStderrLine: (line) => log.detail(`${host.label}: ${line}`),
    approve: (archive) => approveArchive(archive, head.document, options),
  };
}
