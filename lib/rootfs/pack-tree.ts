import type { Writable } from 'node:stream';
import type { ArchiveWriter } from '../bundle/writer.ts';
import type { Io } from '../cli/io.ts';
import type { Log } from '../cli/log.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import type { PackerOptions } from './packer.ts';
import { startPacker } from './packer.ts';

export interface PackTreeOptions {
  readonly host: Host;
  readonly plan: Pick<PackerOptions, 'tar' | 'compressor'>;
  readonly writer: ArchiveWriter;
  /** Member name of the payload. */
  readonly payload: string;
  readonly signal: AbortSignal;
  /** The container runs: files that change while they are read are no error. */
  readonly changing: boolean;
  /** tar has read the whole tree, without error. */
  readonly onRead?: () => void;
  readonly stall?: StallOptions | undefined;
  readonly log: Log;
  readonly where: string;
}

export interface StallOptions {
  readonly output: Writable;
  readonly stallMs: number;
  readonly isDown: () => boolean;
  /** Called on a stall. */
  readonly abort: Io['abort'];
}

/**
 * Packs a tree into one payload of the writer; returns its bytes. Throws VzError (74): tar said 2, or 1 ("some files
 * differ", tar's manual "Return codes") on a tree that nobody should be changing; gzip failed; the reader took nothing
 * for too long while the container was down.
 */
export async function packTree(options: PackTreeOptions): Promise<number> {
  const { host, plan, writer, signal, changing, onRead, log, where } = options;
  const stopWatching = options.stall ? watchStall(options.stall, where) : () => {};
  let bytes = 0;
  try {
    const packer = startPacker(host, {
      ...plan,
      signal,
      // Once aborted, tar only complains that it was.
      onMessage: (line) => signal.aborted || log.info(`${where}: ${line}`),
      onTarExit: (status) => {
        if (status === 0 || (status === 1 && changing)) onRead?.();
      },
    });
    packer.done.catch(() => {});
    const sink = writer.payload(options.payload);
    for await (const chunk of packer.payload as AsyncIterable<Buffer>) {
      signal.throwIfAborted();
      bytes += chunk.length;
      await sink.write(chunk);
    }
    const status = await packer.done;
    signal.throwIfAborted();
    checkTarStatus(status, changing, where, log);
    await sink.end();
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
  throw new VzError('TAR_FAILED', {
    exit: EXIT.io,
    where,
    what:
      status === 1
        ? 'files changed while they were read, though the container is stopped'
        : `tar exited with ${status}`,
    hint: 'see its messages above; nothing whole was written',
  });
}

/** A full pipe that does not drain for `stallMs` while the container is down ends the run. */
function watchStall({ output, stallMs, isDown, abort }: StallOptions, where: string): () => void {
  let movedMs = Date.now();
  const moved = (): void => {
    movedMs = Date.now();
  };
  output.on('drain', moved);
  const timer = setInterval(
    () => {
      if (!output.writableNeedDrain || !isDown()) moved();
      if (Date.now() - movedMs < stallMs) return;
      abort(
        new VzError('STALLED', {
          exit: EXIT.io,
          where,
          what: `the reader of stdout took nothing for ${Math.round(stallMs / 1000)} s while the container is down`,
          hint: 'write to a file first, or allow more with --stall',
        }),
      );
    },
    Math.min(1000, stallMs / 2),
  );
  return () => {
    clearInterval(timer);
    output.off('drain', moved);
  };
}
