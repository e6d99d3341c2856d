import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type HandMadeArchive, makeArchive } from './hand-made-archive.ts';
import { needs } from './needs.ts';
import { type CommandResult, runCommand, startVpsAdminOsNode, type VpsAdminOsNode } from './nodes.ts';
import { makeContainerDataset, makePool, type ZfsPool } from './zfs-pool.ts';

export interface Receiver {
  readonly pool: ZfsPool;
  readonly node: VpsAdminOsNode;
  /** Streams by their member names: s1, and s1 to s2, of the container and of its subdataset. */
  readonly streams: Record<string, Buffer>;
}

/** A source with a subdataset that changes between two snapshots, and a node on the same pool. */
export function startReceiver(t: TestContext): Receiver | undefined {
  if (!needs(t, 'ruby', 'sshd', 'ssh')) return undefined;
  const pool = makePool(t, { sizeMib: 128 });
  if (!pool) return undefined;
  const { dataset, mountpoint } = makeContainerDataset(pool, { children: ['var'] });
  mkdirSync(join(mountpoint, 'private/sbin'), { recursive: true });
  writeFileSync(join(mountpoint, 'private/sbin/init'), '');
  writeFileSync(join(mountpoint, 'private/state'), 'at the base\n');
  pool.zfs('snapshot', '-r', `${dataset}@s1`);
  writeFileSync(join(mountpoint, 'private/state'), 'at the stop\n');
  writeFileSync(join(mountpoint, 'var/private/of-the-child'), 'at the stop\n');
  pool.zfs('snapshot', '-r', `${dataset}@s2`);
  const send = (...args: string[]): Buffer => execFileSync('zfs', ['send', ...args], { maxBuffer: 1e8 });
  const streams = {
    'rootfs/base.dat': send(`${dataset}@s1`),
    'rootfs/incremental.dat': send('-i', '@s1', `${dataset}@s2`),
    'rootfs/var/base.dat': send(`${dataset}/var@s1`),
    'rootfs/var/incremental.dat': send('-i', '@s1', `${dataset}/var@s2`),
  };
  return { pool, node: startVpsAdminOsNode(t, { dataset: `${pool.name}/node` }), streams };
}

/** Names of the snapshots in the node's containers, without the pool's. */
export function received({ pool }: Receiver): string[] {
  return pool
    .snapshots()
    .flatMap((name) => (name.startsWith(`${pool.name}/node/`) ? [name.slice(name.indexOf('ct/'))] : []));
}

/** A skel archive, made with GNU tar and nothing of ours. */
export function makeSkel(t: TestContext, options: HandMadeArchive = {}): Buffer {
  const path = makeArchive(t, {
    ...options,
    metadata: { type: 'skel', format: 'zfs', datasets: ['var'], ...options.metadata },
    members: { 'rootfs/base.tar.gz': null, ...options.members },
  });
  return readFileSync(path);
}

/**
 * Runs `receive …` on the node by ssh, as the user osctl-ct-receive. `key` is a private key that takes the place of the one
 * that is authorised from the start.
 */
export function receive(
  node: VpsAdminOsNode,
  words: string,
  { input = '', key }: { readonly input?: string | Buffer; readonly key?: string } = {},
): CommandResult {
  const identity = key === undefined ? [] : ['-i', key];
  const args = ['-T', '-o', 'BatchMode=yes', ...identity, 'osctl-ct-receive@node', `receive ${words}`];
  return runCommand('ssh', args, node.env, input);
}

/** Stages a container and returns its token. `version` is the word that comes first in the newer dialect. */
export function stage(
  t: TestContext,
  node: VpsAdminOsNode,
  { version = '', ...options }: HandMadeArchive & { readonly version?: string } = {},
): string {
  const { code, stdout, stderr } = receive(node, `${version} skel -`, { input: makeSkel(t, options) });
  if (code !== 0 || !/^[0-9a-f]{40}\n$/.test(stdout))
    throw new Error(`skel: ${code} ${stderr} ${node.daemonLog()}`);
  return stdout.trimEnd();
}

/** What `osctl -j ct show` says of a container; undefined: there is none. */
export function showContainer(node: VpsAdminOsNode, id = '101'): Record<string, unknown> | undefined {
  const { code, stdout } = node.osctl(['-j', 'ct', 'show', id]);
  return code === 0 ? JSON.parse(stdout) : undefined;
}
