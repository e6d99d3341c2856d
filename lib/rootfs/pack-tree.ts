import type { Writable } from 'node:stream';
import type { ArchiveWriter } from '../bundle/writer.ts';
import { countedSink } from '../bundle/writer.ts';
import type { Io } from '../cli/io.ts';
import type { Log } from '../cli/log.ts';
import type { Progress } from '../cli/progress.ts';
import { watchStall } from '../export/stall.ts';
import type { Host } from '../host/host.ts';
import type { PackPlan } from './packer.ts';
import { pack } from './packer.ts';
import { checkpointBytes, tarFailed } from './tar.ts';
import { tarMessages } from './tar-messages.ts';

export interface PackTreeOptions {
  readonly host: Host;
  readonly plan: PackPlan;
  readonly writer: ArchiveWriter;
  /** Member name of the payload. */
  readonly payload: string;
  readonly signal: AbortSignal;
  /** The container runs: files that change while they are read are no error. */
  readonly changing: boolean;
  /** tar has read the whole tree, without error. */
  readonly onRead: () => void;
  /** While this is so, a reader of `output` that takes nothing for `stallMs` ends the run, through `abort`. */
  readonly isDown: () => boolean;
  readonly output: Writable;
  readonly stallMs: number;
  readonly abort: Io['abort'];
  readonly log: Log;
  /** Of what tar has read, where its command tells (see `withCheckpoints`). */
  readonly progress: Progress;
  readonly where: string;
}

/**
 * Packs a tree into one payload of the writer; returns its bytes. Throws VzError (74): tar said 2, or 1 ("some files
 * differ", tar's manual "Return codes") on a tree that nobody should be changing; gzip failed; the reader took nothing
 * for too long while the container was down.
 */
export async function packTree(options: PackTreeOptions): Promise<number> {
  const { host, plan, writer, signal, changing, onRead, log, progress, where, output, stallMs, abort } =
    options;
  const watch = { output, stallMs, abort, counts: options.isDown, why: 'while the container is down' };
  const stopWatching = watchStall(watch, where);
  let bytes = 0;
  let readBytes = 0;
  const counted = countedSink(writer.payload(options.payload), (more) => {
    bytes += more;
  });
  // Once aborted, tar only complains that it was.
  const complain = tarMessages((line) => signal.aborted || log.info(`${where}: ${line}`));
  const packer = {
    ...plan,
    signal,
    onMessage: (line: string) => {
      const reached = checkpointBytes(line);
      if (reached === undefined) return complain(line);
      progress.add(reached - readBytes);
      readBytes = reached;
    },
    onTarExit: (status: number) => {
      if (status === 0 || (status === 1 && changing)) onRead();
    },
    checkTarExit: (status: number) => checkTarStatus(status, changing, where, log),
  };
  try {
    await pack(host, packer, counted);
    return bytes;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    stopWatching();
  }
}

function checkTarStatus(status: number, changing: boolean, where: string, log: Log): void {
  if (status === 0) return;
  if (status === 1 && changing) {
    log.warning(
      `${where}: files changed while they were read; a consistent export stops the container first`,
    );
    return;
  }
  throw tarFailed(status, where, 'see its messages above; nothing whole was written');
}
