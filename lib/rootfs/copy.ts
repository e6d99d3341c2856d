import type { ArchiveWriter } from '../bundle/writer.ts';
import type { Io } from '../cli/io.ts';
import type { Progress } from '../cli/progress.ts';
import type { OsctlContainer } from '../documents/documents.ts';
import { gentleHost } from '../export/gentle.ts';
import type { Guard } from '../guard/guard.ts';
import { readerHost } from '../guard/reader.ts';
import type { Host } from '../host/host.ts';
import type { Contents } from './contents.ts';
import { inspectTree, requireRootfs } from './contents.ts';
import type { PackTreeOptions } from './pack-tree.ts';
import { packTree } from './pack-tree.ts';
import type { PackPlan } from './packer.ts';
import { packScript } from './packer.ts';
import type { Preflight } from './preflight.ts';
import { withCheckpoints } from './tar.ts';

export interface CopyOptions {
  readonly host: Host;
  readonly document: OsctlContainer;
  readonly io: Io;
  readonly found: Preflight;
  /** How the tree at a path is packed. */
  readonly packing: (path: string) => PackPlan;
  readonly writer: ArchiveWriter;
  /** Member name of the payload. */
  readonly payload: string;
  /** null: the container goes on running, and nothing is done to it. */
  readonly guard: Guard | null;
  readonly stops: boolean;
  readonly stallMs: number;
  readonly progress: Progress;
}

export interface Copied {
  /** Of the payload. */
  readonly bytes: number;
  readonly elapsedMs: number;
  /** undefined: it was not stopped. */
  readonly downtimeMs: number | undefined;
  readonly contents: Contents;
}

/**
 * Stops the container if it is to be, reads its tree, and starts it again: at once when the tree is a snapshot, else as
 * soon as tar has read everything, since the rest of the pipe needs it no more. What is read counts only as long as the
 * guard has not acted by itself. Throws VzError: see Guard, the trees and `packTree`.
 */
export async function copyContainer(options: CopyOptions): Promise<Copied> {
  const { io, guard } = options;
  const startedMs = performance.now();
  const onLost = (): void => io.abort(guard?.lost.reason);
  guard?.lost.addEventListener('abort', onLost);
  try {
    const copied = await copy(options);
    io.signal.throwIfAborted();
    return { ...copied, elapsedMs: performance.now() - startedMs };
  } finally {
    guard?.lost.removeEventListener('abort', onLost);
  }
}

async function copy(options: CopyOptions): Promise<Omit<Copied, 'elapsedMs'>> {
  const { document, io, found, guard, stops } = options;
  const { tree } = found;
  const downtime = new Downtime();
  const start = async (): Promise<void> => {
    await guard?.startAgain();
    downtime.end();
  };
  if (guard && stops) {
    io.log.info(`ct ${document.ctid}: stopping`);
    downtime.begin();
    await guard.stop(tree.stop);
    io.signal.throwIfAborted();
  }
  if (guard && tree.snapshot) {
    await tree.snapshot(guard);
    if (stops) await start();
    io.signal.throwIfAborted();
  }
  const path = await tree.open(guard);
  io.signal.throwIfAborted();
  // What was seen before it was opened is another directory than a snapshot: one that did not get mounted is empty.
  await requireRootfs(options.host, document.ctid, path);
  if (!tree.needsLock) await guard?.unlock();
  const reading = { ...options, host: readingHost(options, downtime.isRunning) };
  const contents = found.contents ?? (await inspectOpened(reading, path));
  options.progress.expect(contents.sizeBytes);
  let restart: Promise<void> | undefined;
  const bytes = await packTree({
    ...packOptions(reading, path),
    isDown: () => downtime.isRunning,
    onRead: () => {
      if (!downtime.isRunning) return;
      restart = start();
      restart.catch(() => {});
    },
  });
  await restart;
  return { bytes, downtimeMs: downtime.ms, contents };
}

/** What reads is ended by the guard, and yields to a container that runs. */
function readingHost({ host, guard, found: { running } }: CopyOptions, isDown: boolean): Host {
  const yielding = running && !isDown ? gentleHost(host) : host;
  return guard ? readerHost(yielding, guard) : yielding;
}

async function inspectOpened(
  { host, document, io, found: { node, tree } }: CopyOptions,
  path: string,
): Promise<Contents> {
  const contents = await inspectTree({ host, document, node, tree, signal: io.signal }, path);
  for (const warning of contents.warnings) io.log.warning(`ct ${document.ctid}: ${warning}`);
  return contents;
}

function packOptions(options: CopyOptions, path: string): Omit<PackTreeOptions, 'isDown' | 'onRead'> {
  const { host, document, io, packing, writer, payload, guard, stallMs, progress } = options;
  const packed = packing(path);
  const plan = progress.isShown ? { ...packed, tar: withCheckpoints(packed.tar) } : packed;
  const where = `ct ${document.ctid}`;
  io.log.detail(`${where}: ${packScript(plan)}`);
  return {
    ...{ host, writer, payload, stallMs, log: io.log, signal: io.signal, abort: io.abort, output: io.stdout },
    plan,
    progress,
    where,
    changing: guard === null,
  };
}

/** A clock that runs while the container is down. */
class Downtime {
  isRunning = false;
  ms: number | undefined;
  #beganMs = 0;

  begin(): void {
    this.#beganMs = performance.now();
    this.isRunning = true;
  }

  end(): void {
    this.ms = performance.now() - this.#beganMs;
    this.isRunning = false;
  }
}
