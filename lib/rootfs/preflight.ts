import type { Log } from '../cli/log.ts';
import type { OsctlContainer } from '../documents/documents.ts';
import type { NodeFacts } from '../documents/facts.ts';
import { EXIT, VzError } from '../errors.ts';
import { readUsableStatus } from '../export/usable-status.ts';
import type { Host } from '../host/host.ts';
import { probeNode } from '../source/probe.ts';
import type { Contents } from './contents.ts';
import { inspectTree } from './contents.ts';
import type { TarAbilities } from './tar.ts';
import { selectTree } from './trees/select.ts';
import type { Tree } from './trees/tree.ts';

/** What was found out about the source before anything is touched. */
export interface Preflight {
  readonly running: boolean;
  readonly node: NodeFacts;
  readonly tar: TarAbilities;
  readonly tree: Tree;
  /** null: it cannot be seen before it is opened, and a container whose files cannot be seen does not run. */
  readonly contents: Contents | null;
}

export interface PreflightOptions {
  readonly ploopSnapshot: boolean;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/**
 * Looks at the source and refuses what cannot become a good export, with nothing stopped yet. Throws VzError: 66 no
 * such container or private area; 69 no tar; 78 suspended, a strange state of the container, and as `selectTree` and
 * `inspectTree`.
 */
export async function preflight(
  host: Host,
  document: OsctlContainer,
  { ploopSnapshot, signal, log }: PreflightOptions,
): Promise<Preflight> {
  const { ctid, source } = document;
  const node = source.facts?.node ?? (await probeNode(host));
  const { tar } = node.programs;
  if (!tar)
    throw new VzError('NO_TAR', { exit: EXIT.unavailable, where: host.label, what: 'no GNU tar there' });
  const status = await readUsableStatus(host, ctid, signal);
  const warn = (text: string): void => log.warning(`ct ${ctid}: ${text}`);
  const tree = await selectTree({ host, ctid, source, node, status, ploopSnapshot, signal, warn });
  const contents =
    tree.preview === null ? null : await inspectTree({ host, document, node, tree, signal }, tree.preview);
  return { running: status.running, node, tar, tree, contents };
}
