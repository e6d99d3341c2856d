import type { OsctlContainer } from '../documents/documents.ts';
import type { DeepFacts, NodeFacts } from '../documents/facts.ts';
import { EXIT, VzError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { run } from '../host/run.ts';
import { walkTree } from '../source/walk.ts';
import type { Tree } from './trees/tree.ts';

/** What is in a tree that will be packed. */
export interface Contents {
  readonly sizeBytes: number;
  readonly warnings: readonly string[];
}

export interface InspectOptions {
  readonly host: Host;
  readonly document: OsctlContainer;
  readonly node: NodeFacts;
  readonly tree: Tree;
  readonly signal: AbortSignal;
}

/**
 * Walks the tree at `path` once. Throws VzError: 66 no such directory; 78 no root filesystem, foreign ids; and as
 * `walkTree`.
 */
export async function inspectTree(options: InspectOptions, path: string): Promise<Contents> {
  const { host, document, node, tree, signal } = options;
  await requireRootfs(host, document.ctid, path);
  const found = await walkTree(host, path, signal);
  refuseForeignIds(document.ctid, found);
  const unpacked = await sizeOf(
    host,
    tree.excludes.map((name) => `${path}/${name}`),
  );
  return {
    sizeBytes: Math.max(0, Number(found.sizeBytes) - unpacked),
    warnings: [...treeWarnings(document, tree, found), ...(await capabilityWarnings(host, node, path))],
  };
}

/**
 * An empty mount point, or the directory of an image, would pass for a whole container: without any of what every root
 * filesystem has, it is none.
 */
export async function requireRootfs(host: Host, ctid: string, path: string): Promise<void> {
  const names = await host.listDirectory(path);
  if (names?.some((name) => ['bin', 'etc', 'sbin', 'usr'].includes(name))) return;
  if (names?.includes('root.hdd')) {
    const hint = 'convert its config anew, with vz-parse-config on the node';
    throw refuse(ctid, 'NO_ROOTFS', `${path} holds a ploop image, no root filesystem`, hint);
  }
  if (names) {
    const what = `${path} holds no root filesystem: no bin, etc, sbin or usr`;
    throw refuse(ctid, 'NO_ROOTFS', what, 'is its file system mounted?');
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

/** Bytes on disk of the files there are among `paths`, in blocks of 512 bytes as stat(1) has them. */
async function sizeOf(host: Host, paths: readonly string[]): Promise<number> {
  if (paths.length === 0) return 0;
  const { stdout } = await run(host, ['stat', '-c', '%b', ...paths]);
  const blocks = stdout.toString().split('\n').filter(Boolean).map(Number);
  return blocks.reduce((sum, count) => sum + count * 512, 0);
}

function treeWarnings({ source }: OsctlContainer, tree: Tree, { deviceNodes }: DeepFacts): string[] {
  const notRead = [...new Set([...(source.facts?.submounts ?? []), ...tree.notRead])];
  return [
    ...(deviceNodes.count === '0'
      ? []
      : [
          `${deviceNodes.count} device nodes outside /dev are packed, but the guest cannot use them: ${list(deviceNodes.examples)}`,
        ]),
    ...(notRead.length === 0 ? [] : [`mounted below the root and not packed: ${list(notRead)}`]),
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
