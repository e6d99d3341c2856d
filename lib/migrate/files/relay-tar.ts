import type { HostProcess } from '../../host/host.ts';
import { ending, NodeEnded } from '../../osctl/node-process.ts';
import { pour } from '../../osctl/pour.ts';
import { pack } from '../../rootfs/packer.ts';
import { tarCommand, tarFailed } from '../../rootfs/tar.ts';
import { tarMessages } from '../../rootfs/tar-messages.ts';
import type { Run } from '../run.ts';
import { rateLimit } from './rate-limit.ts';
import { nodeFailed, startReceiver } from './receiver.ts';
import type { SourceFiles } from './source.ts';

export interface RelayOptions {
  readonly last: boolean;
  /** The source's clock in seconds. */
  readonly clock: number;
}

/**
 * Sends all files once, from tar to tar; the directory on the node must not be there. Returns the bytes. It counts only
 * when both have ended well: an end of input cuts a tar short without a word. Throws VzError: 74 of tar and of the node, 69
 * of a link.
 */
export async function relayTar(run: Run, files: SourceFiles, { last, clock }: RelayOptions): Promise<number> {
  const receiver = startReceiver(run, { files, last, clock, argv: ['tar'] });
  const limit = rateLimit(last ? undefined : run.options.bytesPerSecond);
  const { signal, host, tree } = files;
  let bytes = 0;
  const sink = {
    write: async (chunk: Buffer): Promise<void> => {
      await limit(chunk.length, signal);
      if (!(await pour(receiver.stdin, chunk))) throw new NodeEnded();
      bytes += chunk.length;
      run.progress.add(chunk.length);
    },
    end: async (): Promise<void> => void receiver.stdin.end(),
  };
  const where = `ct ${run.journal.document.ctid}`;
  const packer = {
    ...{ tar: tarCommand(files.path, files.tar, tree.excludes), compression: null, signal },
    onMessage: tarMessages((line) => signal.aborted || run.io.log.info(`${where}: ${line}`)),
    checkTarExit: (status: number) => checkTar(status, last, where),
  };
  // Nothing more is wanted of a tar whose reader has ended, and tar may not write for hours.
  const stop = new AbortController();
  void ending(receiver).then(() => stop.abort(new NodeEnded()));
  try {
    await pack(host, { ...packer, signal: AbortSignal.any([signal, stop.signal]) }, sink);
  } catch (error) {
    signal.throwIfAborted();
    if (!stop.signal.aborted && !(error instanceof NodeEnded)) {
      await endReceiver(receiver);
      throw error;
    }
  }
  const exit = await receiver.done;
  signal.throwIfAborted();
  if (exit.code !== 0) throw nodeFailed(run, 'tar', exit);
  return bytes;
}

/** Our own reason counts, not how it ends. */
export async function endReceiver(receiver: HostProcess): Promise<void> {
  await receiver.kill();
  await ending(receiver);
}

function checkTar(status: number, last: boolean, where: string): void {
  if (status === 0 || (status === 1 && !last)) return;
  throw tarFailed(status, where, 'see its messages above; the pass does not count');
}
