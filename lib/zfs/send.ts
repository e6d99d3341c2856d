import { readAhead } from '../bundle/read-ahead.ts';
import type { PayloadSink } from '../bundle/writer.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { describeExit } from '../host/run.ts';
import type { Expectation, StreamSummary } from './stream-check.ts';
import { StreamCheck } from './stream-check.ts';

export interface SendOptions {
  readonly host: Host;
  /** `zfs send …`. */
  readonly argv: readonly string[];
  readonly expected: Expectation;
  readonly sink: PayloadSink;
  readonly signal: AbortSignal;
  readonly onBytes?: (bytes: number) => void;
  /** For messages. */
  readonly where: string;
}

/**
 * Sends one stream into a sink, checked as it flows; the sink is not ended. Throws VzError: 74 when zfs failed, 65 when
 * the stream is cut off, damaged, or builds on another snapshot.
 */
export async function sendStream({
  host,
  argv,
  expected,
  sink,
  signal,
  onBytes,
  where,
}: SendOptions): Promise<StreamSummary> {
  const child = host.spawn(argv, { signal });
  const check = new StreamCheck(expected);
  try {
    for await (const chunk of readAhead(child.stdout)) {
      check.push(chunk);
      await sink.write(chunk);
      onBytes?.(chunk.length);
    }
    const exit = await child.done;
    signal.throwIfAborted();
    // What zfs says explains more than that the stream is cut off.
    if (exit.code !== 0) {
      throw new VzError('SEND_FAILED', { exit: EXIT.io, where, what: `zfs send ${describeExit(exit)}` });
    }
    return check.end();
  } catch (error) {
    // A snapshot is busy for as long as it is sent.
    await child.kill();
    signal.throwIfAborted();
    throw located(error, where);
  }
}

/** What the check finds is told with the dataset it was found in. */
function located(error: unknown, where: string): unknown {
  if (!(error instanceof VzError) || error.where !== 'send stream') return error;
  const { code, exit, what, hint } = error;
  return new VzError(code, { exit, where: `${where}: send stream`, what, hint, cause: error });
}
