import type { VzError } from '../errors.ts';
import type { Exit } from '../host/host.ts';
import { DirectSink } from './direct-sink.ts';
import { Frames } from './frames.ts';
import { collectText, ending, NodeEnded } from './node-process.ts';
import type { Sending } from './sending.ts';
import type { VerifiedArchive } from './verify.ts';
import { verifyArchive } from './verify.ts';

export interface DirectRequest extends Sending {
  /** `direct.sh` with its arguments. */
  readonly argv: readonly string[];
  /** For `osctl ct config replace`. */
  readonly config: string;
  readonly onSent: (bytes: number) => void;
}

export interface DirectOutcome {
  readonly bytes: number;
  /** The node was told to make a container of it. */
  readonly committed: boolean;
  /** What the script printed. */
  readonly output: string;
  /** The first lines of stderr of each step of the script. */
  readonly said: ReadonlyMap<string, readonly string[]>;
  readonly end: Exit | VzError;
  readonly archive: VerifiedArchive | null;
  /** Why we gave up; null: we did not, or the node did first. */
  readonly failure: unknown;
}

/**
 * Sends an archive to the script of a direct import and verifies it as it flows. Only behind an archive that was found
 * whole and right goes the frame that commits. Whatever breaks before ends the script's input, and its undo is waited for.
 */
export async function sendDirectly(request: DirectRequest): Promise<DirectOutcome> {
  const { host, argv, signal, cancelInput } = request;
  const said = new Steps(
    (line) => request.onStderrLine(line),
    () => cancelInput(new NodeEnded()),
  );
  const child = host.spawn(argv, { stdin: 'pipe', onStderrLine: said.line });
  const output = collectText(child);
  const frames = new Frames(child.stdin);
  const sink = new DirectSink(frames);
  let bytes = 0;
  let archive: VerifiedArchive | null = null;
  let committed = false;
  let failure: unknown = null;
  const counted = async function* (): AsyncGenerator<Buffer, void, undefined> {
    for await (const chunk of request.archive) {
      bytes += chunk.length;
      yield chunk;
    }
  };
  try {
    signal.throwIfAborted();
    void ending(child).then(() => cancelInput(new NodeEnded()));
    await frames.send('config', request.config);
    archive = await verifyArchive(counted(), { signal, sink });
    signal.throwIfAborted();
    request.approve(archive);
    const { metadata, snapshots } = archive.contents;
    if (metadata) sink.judge(metadata);
    await sink.finish();
    // The verification has found them to be a list of short names, if it is one that is read.
    if (metadata?.format === 'zfs' && Array.isArray(snapshots))
      await frames.send('snapshots', snapshots.join(' '));
    signal.throwIfAborted();
    committed = true;
    await frames.send('commit');
    request.onSent(bytes);
  } catch (error) {
    if (!(error instanceof NodeEnded)) failure = error;
  } finally {
    frames.stop();
    child.stdin.end();
  }
  const end = await ending(child);
  return { bytes, committed, output: await output, said: said.firstLines, end, archive, failure };
}

/** Sorts stderr by the step that the script was at. */
class Steps {
  readonly firstLines = new Map<string, string[]>();
  readonly #tell: (line: string) => void;
  readonly #onLost: () => void;
  #step = '';

  /** `onLost`: tar goes on behind a file that it cannot write, to the end of hours perhaps, and fails then. */
  constructor(tell: (line: string) => void, onLost: () => void) {
    this.#tell = tell;
    this.#onLost = onLost;
  }

  line = (line: string): void => {
    const step = /^vz2osctl-step (\w+)$/.exec(line)?.[1];
    if (step !== undefined) {
      this.#step = step;
      this.firstLines.set(step, []);
      return;
    }
    const lines = this.firstLines.get(this.#step);
    if (lines && lines.length < MAX_LINES && line.trim() !== '') lines.push(line);
    if (this.#step === 'tar' && TAR_LOST.test(line)) this.#onLost();
    this.#tell(line);
  };
}

const MAX_LINES = 5;
/** GNU tar: an error, which makes it exit with 2 in the end, and no warning. */
const TAR_LOST = /^tar: (?!.*: Warning: ).*: Cannot /;
