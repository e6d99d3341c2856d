import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { documentOf, runsAgain } from './exports.ts';
import { type OpenVzNode, type OpenVzOptions, startOpenVzNode } from './nodes.ts';
import { makeContainerDataset, makePool, setPrivatePath, type ZfsPool } from './zfs-pool.ts';

export interface ZfsRootNode {
  readonly node: OpenVzNode;
  readonly pool: ZfsPool;
  readonly dataset: string;
  /** VE_PRIVATE: the dataset's root is the root filesystem. */
  readonly mountpoint: string;
  readonly document: string;
}

/** A node whose container 101, running, is a dataset's root. Undefined: something is missing, and the test is skipped. */
export async function zfsRootNode(
  t: TestContext,
  { children = [], ...options }: OpenVzOptions & { readonly children?: readonly string[] } = {},
): Promise<ZfsRootNode | undefined> {
  if (process.getuid?.() !== 0) return void makePool(t);
  const node = startOpenVzNode(t, { plain: true, ...options });
  const pool = makePool(t);
  if (!pool) return undefined;
  node.vzctl('stop', '101');
  const { dataset, mountpoint } = makeContainerDataset(pool);
  execFileSync('cp', ['-a', `${node.privatePath}/.`, mountpoint]);
  rmSync(node.privatePath, { recursive: true });
  for (const child of children) {
    pool.zfs('create', `${dataset}/${child}`);
    writeFileSync(join(mountpoint, child, 'of-the-child'), child);
  }
  setPrivatePath(node, mountpoint);
  node.vzctl('start', '101');
  writeFileSync(join(node.stateDir, 'log'), '');
  const document = JSON.parse(await documentOf(node));
  assert.deepEqual(
    [document.source.layout, document.source.dataset, document.source.subdir],
    ['simfs', dataset, null],
  );
  return { node, pool, dataset, mountpoint, document: JSON.stringify(document) };
}

/** The container runs, and no snapshot, clone or directory of ours is there. */
export async function allAsBefore({ node, pool }: ZfsRootNode): Promise<void> {
  await runsAgain(node);
  const names = (): string[] =>
    [
      ...pool.snapshots(),
      ...pool.zfs('list', '-H', '-o', 'name', '-t', 'filesystem', '-r', pool.name).split('\n'),
    ].filter((name) => name.slice(pool.name.length).includes('vz2osctl'));
  for (let tries = 0; names().length > 0 && tries < 60; tries += 1) await sleep(100);
  assert.deepEqual(names(), []);
}
