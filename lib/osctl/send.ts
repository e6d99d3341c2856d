import type { VzError } from '../errors.ts';
import type { Exit, HostProcess } from '../host/host.ts';
import { collectText, ending, NodeEnded } from './node-process.ts';
import { pour } from './pour.ts';
import type { Sending } from './sending.ts';
import type { VerifyReport } from './verify.ts';
import { verifyArchive } from './verify.ts';

export interface SendRequest extends Sending {
  /** The import script with its arguments. */
  readonly argv: readonly string[];
  /** A word of this run alone that the script was given too: a hostile archive must not be able to end itself. */
  readonly seal: string;
  readonly onSent: (bytes: number) => void;
}

export interface SendOutcome {
  /** Size of the archive. */
  readonly bytes: number;
  /** The node had all it needs to import. */
  readonly complete: boolean;
  /** What the script printed. */
  readonly output: string;
  /** How the script ended, or why the link broke. */
  readonly end: Exit | VzError;
  readonly report: VerifyReport | null;
}

/**
 * Sends an archive to the import script and verifies it as it flows. Only behind an archive that was found whole and
 * right goes the block that makes the script import it, so nothing that breaks on the way can be imported.
 */
export async function sendArchive(request: SendRequest): Promise<SendOutcome> {
  const { host, argv, signal, cancelInput } = request;
  const flow = new AbortController();
  const onAbort = (): void => flow.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const child = host.spawn(argv, { stdin: 'pipe', signal: flow.signal, onStderrLine: request.onStderrLine });
  const output = collectText(child);
  const tee = new Tee(request.archive, child);
  let report: VerifyReport | null = null;
  try {
    signal.throwIfAborted();
    void ending(child).then(() => cancelInput(new NodeEnded()));
    const archive = await verifyArchive(tee.chunks(), { signal: flow.signal });
    report = archive.report;
    signal.throwIfAborted();
    request.approve(archive);
    signal.removeEventListener('abort', onAbort);
    child.stdin.end(trailer(tee.bytes, request.seal));
    request.onSent(tee.bytes);
  } catch (error) {
    if (!(error instanceof NodeEnded)) {
      await child.kill();
      throw signal.aborted ? signal.reason : error;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
  const end = await ending(child);
  return { bytes: tee.bytes, complete: report !== null, output: await output, end, report };
}

/** Hands the chunks of an archive to a process and to a reader. */
class Tee {
  bytes = 0;
  readonly #input: AsyncIterable<Buffer>;
  readonly #child: HostProcess;

  constructor(input: AsyncIterable<Buffer>, child: HostProcess) {
    this.#input = input;
    this.#child = child;
  }

  async *chunks(): AsyncGenerator<Buffer, void, undefined> {
    for await (const chunk of this.#input) {
      if (!(await pour(this.#child.stdin, chunk))) throw new NodeEnded();
      this.bytes += chunk.length;
      yield chunk;
    }
  }
}

/** End-of-archive blocks, since an archive may come without, so that no reader takes the last block for a member. */
function trailer(bytes: number, seal: string): Buffer {
  const padding = 2 * BLOCK_BYTES + ((BLOCK_BYTES - (bytes % BLOCK_BYTES)) % BLOCK_BYTES);
  const data = Buffer.alloc(padding + BLOCK_BYTES);
  data.write(`vz2osctl-sent ${seal} ${bytes + padding}\n`, padding);
  return data;
}

const BLOCK_BYTES = 512;
