import type { OsctlContainer } from '../documents/documents.ts';
import type { DeepFacts, NodeFacts } from '../documents/facts.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { run } from '../host/run.ts';
import { probeNode } from '../source/probe.ts';
import { readStatus } from '../source/status.ts';
import { walkTree } from '../source/walk.ts';
import type { TarAbilities } from './tar.ts';

/** What was found out about the source before anything is touched. */
export interface Preflight {
  readonly privatePath: string;
  readonly running: boolean;
  readonly node: NodeFacts;
  readonly tar: TarAbilities;
  readonly tree: DeepFacts;
  readonly warnings: readonly string[];
}

/**
 * Looks at the source and refuses what cannot become a good export, with nothing stopped yet. Throws VzError: 66 no
 * such container or private area; 69 no tar; 78 ploop, suspended, foreign ids, a strange state of the container.
 */
export async function preflight(
  host: Host,
  document: OsctlContainer,
  signal: AbortSignal,
): Promise<Preflight> {
  const { ctid, source } = document;
  const privatePath = simfsPath(document);
  const node = source.facts?.node ?? (await probeNode(host));
  const { tar } = node.programs;
  if (!tar)
    throw new VzError('NO_TAR', { exit: EXIT.unavailable, where: host.label, what: 'no GNU tar there' });
  const status = await readStatus(host, ctid);
  if (!status.exists && !status.running) {
    throw new VzError('NO_PRIVATE_AREA', {
      exit: EXIT.noInput,
      where: `ct ${ctid}`,
      what: 'no such container here, or its private area is missing',
      hint: `look with: vzctl status ${ctid}`,
    });
  }
  if (status.suspended) {
    throw refuse(
      ctid,
      'SUSPENDED',
      'suspended: its memory is in a dump and its files are not cleanly closed',
      `vzctl resume ${ctid} && vzctl stop ${ctid}`,
    );
  }
  if (!status.exists || (status.running && !status.mounted)) {
    throw refuse(
      ctid,
      'STRANGE_STATE',
      'runs, but not from the paths of its config',
      `look with: vzctl status ${ctid}`,
    );
  }
  await requireRootfs(host, ctid, privatePath);
  const tree = await walkTree(host, privatePath, signal);
  refuseForeignIds(ctid, tree);
  const warnings = [...treeWarnings(document, tree), ...(await capabilityWarnings(host, node, privatePath))];
  return { privatePath, running: status.running, node, tar, tree, warnings };
}

function simfsPath({ ctid, source }: OsctlContainer): string {
  if (source.layout === 'ploop') {
    throw refuse(
      ctid,
      'PLOOP',
      'a ploop container: its private area holds an image, no files',
      'this version packs simfs containers only',
    );
  }
  if (source.privatePath?.startsWith('/')) return source.privatePath;
  throw new VzError('NO_PRIVATE_PATH', {
    exit: EXIT.data,
    where: `ct ${ctid}`,
    what: 'source.privatePath: the document does not say where the private area is',
    hint: 'make it with vz-parse-config on the node, so that vz.conf is read',
  });
}

/**
 * An empty mount point, or the directory of an image, would pass for a whole container: without any of what every root
 * filesystem has, it is none.
 */
async function requireRootfs(host: Host, ctid: string, path: string): Promise<void> {
  const names = await host.listDirectory(path);
  if (names?.some((name) => ['bin', 'etc', 'sbin', 'usr'].includes(name))) return;
  if (names) {
    throw refuse(
      ctid,
      'NO_ROOTFS',
      `${path} holds no root filesystem: no bin, etc, sbin or usr`,
      'is its file system mounted?',
    );
  }
  throw new VzError('NO_PRIVATE_AREA', {
    exit: EXIT.noInput,
    where: `ct ${ctid}`,
    what: `${path} is no directory`,
  });
}

/** The target's id map ends at 65535: osctld would store such files as 65534, without a word. */
function refuseForeignIds(ctid: string, { foreignIds }: DeepFacts): void {
  if (foreignIds.count === '0') return;
  const some = foreignIds.examples
    .slice(0, 3)
    .map((path) => JSON.stringify(path))
    .join(', ');
  throw refuse(
    ctid,
    'FOREIGN_IDS',
    `${foreignIds.count} files are owned by ids above 65535, which the target cannot hold: ${some}`,
    'chown them first',
  );
}

function treeWarnings({ source }: OsctlContainer, { deviceNodes }: DeepFacts): string[] {
  const submounts = source.facts?.submounts ?? [];
  return [
    ...(deviceNodes.count === '0'
      ? []
      : [
          `${deviceNodes.count} device nodes outside /dev are packed, but the guest cannot use them: ${list(deviceNodes.examples)}`,
        ]),
    ...(submounts.length === 0 ? [] : [`mounted below the root and not packed: ${list(submounts)}`]),
  ];
}

/** File capabilities travel as extended attributes; where the node's tar has none, the files are named at least. */
async function capabilityWarnings(host: Host, { programs }: NodeFacts, path: string): Promise<string[]> {
  if (programs.tar?.xattrs) return [];
  if (!programs.getcap)
    return ["the node's tar cannot carry file capabilities, and there is no getcap to list them"];
  const { stdout } = await run(host, ['getcap', '-r', path]);
  const lines = stdout.toString().split('\n').filter(Boolean);
  return lines.length === 0 ? [] : [`the node's tar cannot carry these file capabilities: ${list(lines)}`];
}

function list(items: readonly string[]): string {
  const shown = items.slice(0, 10).join(', ');
  return items.length > 10 ? `${shown}, …` : shown;
}

function refuse(ctid: string, code: string, what: string, hint: string): VzError {
  return new VzError(code, { exit: EXIT.refused, where: `ct ${ctid}`, what, hint });
}
