import { readAhead } from '../bundle/read-ahead.ts';
import type { PayloadSink } from '../bundle/writer.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Compression } from '../export/compress-at.ts';
import { gzipInto } from '../export/gzip.ts';
import type { Exit, Host } from '../host/host.ts';
import { quoteArgv } from '../host/quote.ts';
import { describeExit } from '../host/run.ts';

/** What is run, and where its output is compressed. */
export interface Packing {
  readonly tar: readonly string[];
  /** null: it goes as it is. */
  readonly compression: Compression | null;
}

/** As an archive has it. */
export interface PackPlan extends Packing {
  readonly compression: Compression;
}

export interface PackerOptions extends Packing {
  readonly signal: AbortSignal;
  /** Ends after so many bytes of tar: a sample. */
  readonly limitBytes?: number;
  /** Called with tar's exit status as soon as tar has read everything, while the rest is still on its way. */
  readonly onTarExit?: (status: number) => void;
  /** Called with it before the sink is ended; throws when what was packed is not whole. */
  readonly checkTarExit?: (status: number) => void;
  /** tar's complaints. */
  readonly onMessage: (line: string) => void;
}

/**
 * Runs tar on the host, with gzip beside it in one shell pipeline, or here behind it, and writes the `.tar.gz`, or the tar, to a sink.
 * tar's own exit status comes back on stderr, since POSIX sh has no pipefail, and ssh gives the status of the whole line.
 * Throws VzError (74) when gzip or the host failed, and what `checkTarExit` throws.
 */
export async function pack(host: Host, options: PackerOptions, sink: PayloadSink): Promise<void> {
  const { compression, signal } = options;
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
  const zipped = compression?.at === 'here' ? gzipInto(sink, compression.compressor, signal) : undefined;
  const target = zipped ?? sink;
  try {
    for await (const chunk of readAhead(child.stdout)) {
      signal.throwIfAborted();
      await target.write(chunk);
    }
    const exit = await child.done;
    signal.throwIfAborted();
    if (exit.code !== 0 || tarStatus === undefined) throw packerFailed(exit);
    options.checkTarExit?.(tarStatus);
    await target.end();
  } catch (error) {
    await zipped?.stop();
    throw error;
  }
}

/** `{ { tar …; echo status >&3; } | gzip; } 3>&2`, every word quoted. */
export function packScript({
  tar,
  compression,
  limitBytes,
}: Packing & { readonly limitBytes?: number }): string {
  const stages = [
    `{ ${quoteArgv(tar)}; echo "vz2osctl-tar=$?" >&3; }`,
    ...(limitBytes === undefined ? [] : [quoteArgv(['head', '-c', String(limitBytes)])]),
    ...(compression?.at === 'source' ? [quoteArgv(compression.argv)] : []),
  ];
  return stages.length === 1 ? `${stages[0]} 3>&2` : `{ ${stages.join(' | ')}; } 3>&2`;
}

function packerFailed(exit: Exit): VzError {
  return new VzError('PACKING_FAILED', { exit: EXIT.io, what: `tar | gzip ${describeExit(exit)}` });
}
