import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { EXIT, VzError } from '../errors.ts';
import type { Compressor } from '../export/compressor.ts';
import type { Exit, Host } from '../host/host.ts';
import { quoteArgv } from '../host/quote.ts';
import { describeExit } from '../host/run.ts';

export interface PackerOptions {
  readonly tar: readonly string[];
  readonly compressor: Compressor;
  readonly signal: AbortSignal;
  /** Ends after so many bytes of tar: a sample. */
  readonly limitBytes?: number;
  /** Called with tar's exit status as soon as tar has read everything, while the rest is still on its way. */
  readonly onTarExit?: (status: number) => void;
  /** tar's complaints. */
  readonly onMessage: (line: string) => void;
}

/** A root filesystem on its way: the bytes of a `.tar.gz`, and how tar and gzip ended. */
export interface Packer {
  readonly payload: Readable;
  /** tar's own exit status. Throws VzError (74) when gzip or the host failed. */
  readonly done: Promise<number>;
}

/**
 * Runs tar and gzip on the host as one shell pipeline. tar's own exit status comes back on stderr, since POSIX sh has
 * no pipefail and the uncompressed data shall not pass through us.
 */
export function startPacker(host: Host, options: PackerOptions): Packer {
  const { compressor, signal } = options;
  let tarStatus: number | undefined;
  const child = host.spawn(['sh', '-c', packScript(options)], {
    signal,
    onStderrLine: (line) => {
      const status = /^vz2osctl-tar=(\d+)$/.exec(line)?.[1];
      if (status === undefined) {
        options.onMessage(line);
        return;
      }
      tarStatus = Number(status);
      options.onTarExit?.(tarStatus);
    },
  });
  const finish = async (): Promise<number> => {
    const exit = await child.done;
    if (exit.code !== 0 || tarStatus === undefined) throw packerFailed(exit);
    return tarStatus;
  };
  // Read ahead: gzip shall not wait while we wait for our reader.
  const payload = new PassThrough({ highWaterMark: READ_AHEAD_BYTES });
  if (compressor.kind === 'program') {
    const flow = pipeline(child.stdout, payload, { signal });
    return { payload, done: flow.then(finish) };
  }
  const flow = pipeline(
    child.stdout,
    createGzip({ level: compressor.level, chunkSize: 64 * 1024 }),
    payload,
    { signal },
  );
  return { payload, done: flow.then(finish) };
}

/** `{ { tar …; echo status >&3; } | gzip; } 3>&2`, every word quoted. */
export function packScript({
  tar,
  compressor,
  limitBytes,
}: Pick<PackerOptions, 'tar' | 'compressor' | 'limitBytes'>): string {
  const stages = [
    `{ ${quoteArgv(tar)}; echo "vz2osctl-tar=$?" >&3; }`,
    ...(limitBytes === undefined ? [] : [quoteArgv(['head', '-c', String(limitBytes)])]),
    ...(compressor.kind === 'program' ? [quoteArgv(compressor.argv)] : []),
  ];
  return stages.length === 1 ? `${stages[0]} 3>&2` : `{ ${stages.join(' | ')}; } 3>&2`;
}

function packerFailed(exit: Exit): VzError {
  return new VzError('PACKING_FAILED', { exit: EXIT.io, what: `tar | gzip ${describeExit(exit)}` });
}

const READ_AHEAD_BYTES = 512 * 1024;
