import type { Readable, Writable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { writeAhead } from '../bundle/drain.ts';
import { readAhead } from '../bundle/read-ahead.ts';
import type { PayloadSink } from '../bundle/writer.ts';
import { EXIT, toError, VzError } from '../errors.ts';
import { localHost } from '../host/local.ts';
import { describeExit, runChecked } from '../host/run.ts';
import type { Compressor } from './compressor.ts';

/** Of igzip, pigz and gzip: those that this machine has. */
export async function localCompressors(): Promise<string[]> {
  const script = 'for p in igzip pigz gzip; do if command -v $p >/dev/null; then echo $p; fi; done';
  return (await runChecked(localHost, ['sh', '-c', script])).split('\n').filter(Boolean);
}

/**
 * A sink before a sink: what is written to it reaches `sink` as one gzip member, packed on this machine. Its `end` throws
 * VzError (74) when gzip failed; `stop` ends gzip when nothing more will come.
 */
export function gzipInto(
  sink: PayloadSink,
  compressor: Compressor,
  signal: AbortSignal,
): PayloadSink & { readonly stop: () => Promise<void> } {
  const broken = new AbortController();
  const ended = AbortSignal.any([signal, broken.signal]);
  const { input, output, done, kill } = open(compressor, ended);
  const fail = (error: unknown): never => {
    broken.abort(toError(error));
    throw error;
  };
  const copied = copy(output, sink)
    .then(() => done)
    .catch(fail);
  copied.catch(() => {});
  return {
    write: async (chunk) => {
      try {
        await writeAhead(input, chunk, ended);
      } catch (error) {
        ended.throwIfAborted();
        // It no longer reads: its end tells why.
        await copied;
        throw error;
      }
    },
    end: async () => {
      input.end();
      await copied;
      await sink.end();
    },
    stop: kill,
  };
}

interface Running {
  readonly input: Writable;
  readonly output: Readable;
  /** Throws VzError (74) when it failed. */
  readonly done: Promise<void>;
  readonly kill: () => Promise<void>;
}

function open(compressor: Compressor, signal: AbortSignal): Running {
  if (compressor.kind === 'zlib') {
    const gzip = createGzip({ level: compressor.level, chunkSize: 64 * 1024 });
    signal.addEventListener('abort', () => gzip.destroy(toError(signal.reason)));
    gzip.on('error', () => {});
    return { input: gzip, output: gzip, done: Promise.resolve(), kill: async () => void gzip.destroy() };
  }
  const child = localHost.spawn(compressor.argv, { stdin: 'pipe', signal });
  const done = child.done.then((exit) => {
    if (exit.code === 0) return;
    throw new VzError('COMPRESSION_FAILED', {
      exit: EXIT.io,
      what: `${compressor.argv[0]} ${describeExit(exit)}`,
    });
  });
  done.catch(() => {});
  return { input: child.stdin, output: child.stdout, done, kill: child.kill };
}

async function copy(output: Readable, sink: PayloadSink): Promise<void> {
  for await (const chunk of readAhead(output)) await sink.write(chunk);
}
