import type { NodeFacts } from '../../documents/facts.ts';
import { EXIT, VzError } from '../../errors.ts';
import { gentleHost } from '../../export/gentle.ts';
import { readUsableStatus } from '../../export/usable-status.ts';
import type { Guard } from '../../guard/guard.ts';
import { readerHost } from '../../guard/reader.ts';
import type { Host } from '../../host/host.ts';
import { requireRootfs } from '../../rootfs/contents.ts';
import type { TarAbilities } from '../../rootfs/tar.ts';
import { selectTree } from '../../rootfs/trees/select.ts';
import type { Tree } from '../../rootfs/trees/tree.ts';
import { probeNode } from '../../source/probe.ts';
import type { Run } from '../run.ts';
import { letRunGuardGo, takeRunGuard } from '../source/guard.ts';

/** A container's files, where they can be read now. */
export interface SourceFiles {
  /** For what reads: the guard ends it when it goes. */
  readonly host: Host;
  readonly node: NodeFacts;
  readonly tar: TarAbilities;
  readonly tree: Tree;
  readonly path: string;
  /** Aborted with the run, or when the guard is lost. */
  readonly signal: AbortSignal;
}

/**
 * Opens a container's files as they are, without a snapshot: a running one's change while they are read. `guard` is that of
 * the transfer; without one the reader is gentle, and a ploop image that is not mounted is, for as long as `act` takes.
 * Throws VzError: 66, 69, 78 and as `selectTree`; 75 locked.
 */
export async function withSourceFiles<T>(
  run: Run,
  found: FoundTree,
  guard: Guard | null,
  act: (files: SourceFiles) => Promise<T>,
): Promise<T> {
  const { ctid } = run.journal.document;
  const { tree } = found;
  const base = guard ? run.source : gentleHost(run.streams.source);
  const read = async (holder: Guard | null): Promise<T> => {
    // It is mounted where it is not, and by the guard unmounted.
    const mounts = holder && tree.plan.open.length > 0;
    const path = mounts
      ? await run.journal.effect(`vzctl mount ${ctid}`, () => tree.open(holder))
      : await tree.open(holder);
    await requireRootfs(run.source, ctid, path);
    const host = holder ? readerHost(base, holder) : base;
    const signal = holder ? AbortSignal.any([run.io.signal, holder.lost]) : run.io.signal;
    try {
      return await act({ ...found, host, path, signal });
    } finally {
      // Whatever broke off then did so for this reason, and what did not does not count.
      signal.throwIfAborted();
    }
  };
  if (guard || tree.preview !== null) return read(guard);
  const own = await takeRunGuard(run);
  try {
    return await read(own);
  } finally {
    await letRunGuardGo(run, own);
  }
}

export type FoundTree = Pick<SourceFiles, 'node' | 'tar' | 'tree'>;

/** Where they are, with nothing done to them. Throws VzError: 66, 69, 78 and as `selectTree`. */
export async function findTree(run: Run): Promise<FoundTree> {
  const { ctid, container } = run.journal.document;
  const { source } = container;
  const { signal, log } = run.io;
  const host = run.source;
  const node = source.facts?.node ?? (await probeNode(host, signal));
  const { tar } = node.programs;
  if (!tar)
    throw new VzError('NO_TAR', { exit: EXIT.unavailable, where: host.label, what: 'no GNU tar there' });
  const status = { ...(await readUsableStatus(host, ctid, signal)), running: false };
  const warn = (text: string): void => log.warning(`ct ${ctid}: ${text}`);
  const tree = await selectTree({ host, ctid, source, node, status, ploopSnapshot: false, signal, warn });
  return { node, tar, tree };
}
