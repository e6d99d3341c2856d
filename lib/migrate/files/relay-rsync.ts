import type { Readable, Writable } from 'node:stream';
import { EXIT, VzError } from '../../errors.ts';
import type { Exit, HostProcess } from '../../host/host.ts';
import { describeExit } from '../../host/run.ts';
import { ending } from '../../osctl/node-process.ts';
import { pour } from '../../osctl/pour.ts';
import type { Run } from '../run.ts';
import { namesOf } from './node-script.ts';
import { rateLimit } from './rate-limit.ts';
import { nodeFailed, startReceiver } from './receiver.ts';
import { endReceiver, type RelayOptions } from './relay-tar.ts';
import { type Rsyncs, rsyncCommands } from './rsync-command.ts';
import type { SourceFiles } from './source.ts';

/**
 * Sends what has changed: rsync's client runs on the new node, its sender on the old one, and their bytes pass through here,
 * since the two machines need not know one another. Returns the bytes that came from the source. Throws VzError: 69 a
 * link; 74 whatever rsync says, where 24 (files vanished) is none, and 23 (some could not be copied) is one in the last
 * pass only.
 */
export async function relayRsync(
  run: Run,
  files: SourceFiles,
  options: RelayOptions & { readonly rsyncs: Rsyncs },
): Promise<number> {
  const { last, rsyncs } = options;
  const { signal, tree, path } = files;
  const commands = rsyncCommands({ ...rsyncs, path, excludes: tree.excludes });
  const receiver = startReceiver(run, { ...options, files, argv: commands.client });
  const reader = files.host.spawn(commands.sender, { stdin: 'pipe', signal });
  const limit = rateLimit(last ? undefined : run.options.bytesPerSecond);
  let bytes = 0;
  const flows = Promise.all([
    flow(reader.stdout, receiver.stdin, async (size) => {
      await limit(size, signal);
      bytes += size;
      run.progress.add(size);
    }),
    flow(receiver.stdout, reader.stdin, async () => {}),
  ]);
  // One that has failed leaves the other waiting where its link does not end.
  let culprit: 'node' | 'source' | undefined;
  void ending(receiver).then((end) => {
    if (!hasFailed(end)) return;
    culprit ??= 'node';
    return reader.kill();
  });
  void ending(reader).then((end) => {
    if (!hasFailed(end)) return;
    culprit ??= 'source';
    return endSoon(receiver);
  });
  const [atNode, atSource] = await Promise.all([ending(receiver), ending(reader)]);
  await flows;
  signal.throwIfAborted();
  if (culprit === 'source') throw atSource instanceof VzError ? atSource : sourceFailed(run, atSource);
  if (atNode instanceof VzError || atSource instanceof VzError)
    throw atNode instanceof VzError ? atNode : atSource;
  if (culprit === 'node') throw nodeFailed(run, 'rsync', atNode);
  judgePartial(run, atNode, atSource, last);
  return bytes;
}

/** How it ended is judged by the exit codes, not by a pipe that broke on the way there. */
async function flow(
  input: Readable,
  output: Writable,
  count: (size: number) => Promise<void>,
): Promise<void> {
  try {
    for await (const chunk of input as AsyncIterable<Buffer>) {
      await count(chunk.length);
      if (!(await pour(output, chunk))) break;
    }
  } catch {
    // Destroyed with its process, or the run was aborted.
  }
  output.end();
}

function hasFailed(end: Exit | VzError): boolean {
  return end instanceof VzError || !TOLERABLE.has(end.code ?? -1);
}

/** The client notices by itself that its sender is gone, and says which file it was at. */
async function endSoon(receiver: HostProcess): Promise<void> {
  const timer = setTimeout(() => void endReceiver(receiver), PATIENCE_MS);
  await ending(receiver);
  clearTimeout(timer);
}

function sourceFailed(run: Run, exit: Exit): VzError {
  return new VzError('PASS_FAILED', {
    exit: EXIT.io,
    where: `ct ${run.journal.document.ctid}`,
    what: `rsync on ${run.source.label} ${describeExit(exit)}`,
    hint: 'run it again, which goes on from what is there',
  });
}

function judgePartial(run: Run, atNode: Exit, atSource: Exit, last: boolean): void {
  if (atNode.code !== SOME_NOT_COPIED && atSource.code !== SOME_NOT_COPIED) return;
  if (last) throw nodeFailed(run, 'rsync', atNode);
  const { ctid } = run.journal.document;
  run.io.log.warning(
    `ct ${ctid}: some files could not be copied to ${namesOf(run).ct}; the last pass must copy all`,
  );
}

/** rsync(1), EXIT VALUES: "Partial transfer due to error" and "due to vanished source files". */
const SOME_NOT_COPIED = 23;
const TOLERABLE: ReadonlySet<number> = new Set([0, SOME_NOT_COPIED, 24]);
const PATIENCE_MS = 10_000;
