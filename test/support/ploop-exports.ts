import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { documentOf, runsAgain } from './exports.ts';
import { needs } from './needs.ts';
import { type OpenVzNode, type OpenVzOptions, startOpenVzNode } from './nodes.ts';

export const PLOOP = '102';

export interface PloopNode {
  readonly node: OpenVzNode;
  /** The osctl-container document of 102. */
  readonly document: string;
  readonly privatePath: string;
  readonly rootPath: string;
}

/** A node with container 102 on ploop, running. Undefined: not root, and the test is skipped. */
export async function ploopNode(t: TestContext, options: OpenVzOptions = {}): Promise<PloopNode | undefined> {
  if (!needs(t, 'root', 'mkfs.ext4', 'mountpoint')) return undefined;
  const node = startOpenVzNode(t, { plain: true, ploop: true, ...options });
  return {
    node,
    document: await documentOf(node, PLOOP),
    privatePath: join(node.dir, 'private', PLOOP),
    rootPath: join(node.dir, 'root', PLOOP),
  };
}

/** What vzctl was asked to do with a container, `status` left out: `snapshot`, or with `--skip-umount` said. */
export function verbs(node: OpenVzNode, ctid = PLOOP): string[] {
  return node
    .log()
    .filter((entry) => entry.ctid === ctid && entry.what.startsWith('begin'))
    .map(({ verb, what }) => (what.includes('--skip-umount') ? `${verb} --skip-umount` : verb));
}

/** No snapshot of 102, and nothing is mounted but root filesystems. */
export function nothingLeft({ node, privatePath }: PloopNode): void {
  assert.deepEqual(readdirSync(join(privatePath, 'root.hdd')), ['DiskDescriptor.xml', 'root.hdd']);
  const list = join(privatePath, 'Snapshots.xml');
  if (existsSync(list)) assert.doesNotMatch(readFileSync(list, 'utf8'), /SavedStateItem/);
  assert.deepEqual(
    readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[1] ?? '')
      .filter((path) => path.startsWith(`${node.dir}/`) && !path.startsWith(`${node.dir}/root/`)),
    [],
  );
}

/** 102 runs, and nothing of the export is left on the node. */
export async function allAsBefore(ploop: PloopNode): Promise<void> {
  await runsAgain(ploop.node, PLOOP);
  nothingLeft(ploop);
}
