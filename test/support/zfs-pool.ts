import { execFileSync } from 'node:child_process';
import {
  accessSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { needs } from './needs.ts';
import { type OpenVzNode, type OpenVzOptions, startOpenVzNode } from './nodes.ts';

export interface ZfsPool {
  readonly name: string;
  /** Where the pool is mounted; a dataset POOL/a/b is mounted at DIR/a/b. */
  readonly dir: string;
  /** Runs zfs; returns its stdout. Throws when it fails. */
  readonly zfs: (...args: string[]) => string;
  /** Names of all snapshots, sorted. */
  readonly snapshots: () => string[];
  /** Names of all snapshots that are held. */
  readonly holds: () => string[];
}

/**
 * A real ZFS pool on a sparse file, by zfs-fuse, for the length of a test. The daemon is one for the whole machine: it
 * is started when none answers, and left alone afterwards. Undefined: something is missing, and the test is skipped.
 */
export function makePool(t: TestContext, { sizeMib = 512 } = {}): ZfsPool | undefined {
  if (!needs(t, 'root', 'zfs-fuse', 'zfs', 'zpool', 'flock', 'setsid') || !hasFuse(t)) return undefined;
  startDaemon();
  const scratch = mkdtempSync(join(tmpdir(), 'vz2osctl-pool-'));
  made += 1;
  const name = `vz2osctl-${process.pid}-${made}`;
  const file = join(scratch, 'file');
  const dir = join(scratch, 'pool');
  writeFileSync(file, '');
  truncateSync(file, sizeMib * 1024 * 1024);
  run('zpool', ['create', '-o', 'cachefile=none', '-m', dir, name, file]);
  t.after(() => destroyPool(name, scratch));
  const zfs = (...args: string[]): string =>
    args[0] === 'destroy' && !args.at(-1)?.includes('@')
      ? whenFree(() => run('zfs', args))
      : run('zfs', args);
  const snapshots = (): string[] =>
    lines(zfs('list', '-H', '-o', 'name', '-t', 'snapshot', '-r', name)).sort();
  const holds = (): string[] =>
    lines(zfs('get', '-r', '-H', '-o', 'name,value', 'userrefs', name))
      .map((line) => line.split('\t'))
      .flatMap(([snapshot = '', count]) => (count === '-' || count === '0' ? [] : [snapshot]));
  return { name, dir, zfs, snapshots, holds };
}

export interface ZfsNode {
  readonly node: OpenVzNode;
  readonly pool: ZfsPool;
  /** POOL/private/101: it holds private/, the root filesystem. */
  readonly dataset: string;
  /** Where the dataset is mounted: VE_PRIVATE is its private/. */
  readonly mountpoint: string;
}

/**
 * An OpenVZ node whose container 101, running, lies in private/ of a dataset of its own, with one file in each of the
 * `children`: names of datasets below it, parents first. Undefined: see `makePool`.
 */
export function startZfsNode(
  t: TestContext,
  { children = [], ...options }: OpenVzOptions & { readonly children?: readonly string[] } = {},
): ZfsNode | undefined {
  if (!needs(t, 'root', 'zfs-fuse') || !hasFuse(t)) return undefined;
  // Made first: what a test has is taken down in the order in which it was made.
  const node = startOpenVzNode(t, options);
  const pool = makePool(t, { sizeMib: 512 + 4 * (options.sizeMib ?? 0) });
  if (!pool) return undefined;
  const { dataset, mountpoint } = makeContainerDataset(pool, { children });
  node.vzctl('stop', '101');
  // zfs-fuse stores no later times.
  const late = [node.privatePath, '-newermt', '2038-01-01'];
  run('find', [...late, '-exec', 'touch', '--no-dereference', '--date=2037-12-31', '{}', '+']);
  run('cp', ['-a', node.privatePath, join(mountpoint, 'private')]);
  rmSync(node.privatePath, { recursive: true });
  const privatePath = join(mountpoint, 'private');
  setPrivatePath(node, privatePath);
  node.vzctl('start', '101');
  writeFileSync(join(node.stateDir, 'log'), '');
  return { node: { ...node, privatePath }, pool, dataset, mountpoint };
}

/** Makes POOL/private/ID, empty but for a file in each of its children; the caller makes its private/. */
export function makeContainerDataset(
  pool: ZfsPool,
  { id = '101', children = [] }: { readonly id?: string; readonly children?: readonly string[] } = {},
): { dataset: string; mountpoint: string } {
  const dataset = `${pool.name}/private/${id}`;
  const mountpoint = join(pool.dir, 'private', id);
  for (const name of [dataset, ...children.map((child) => `${dataset}/${child}`)])
    pool.zfs('create', '-p', name);
  for (const child of children) {
    mkdirSync(join(mountpoint, child, 'private'));
    writeFileSync(join(mountpoint, child, 'private/of-the-child'), `${child}\n`);
  }
  return { dataset, mountpoint };
}

/** Sets VE_PRIVATE in the container's own config. */
export function setPrivatePath({ confDir }: OpenVzNode, privatePath: string): void {
  const file = join(confDir, '101.conf');
  const others = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => !line.startsWith('VE_PRIVATE='));
  writeFileSync(file, [`VE_PRIVATE="${privatePath}"`, ...others].join('\n'));
}

/** Several tests may want it at once. It must not keep the lock, nor our stdio. */
function startDaemon(): void {
  const script =
    'zpool list || { setsid zfs-fuse </dev/null && i=0 && until zpool list; do i=$((i+1)); [ $i -lt 100 ] || exit 1; sleep 0.1; done; }';
  run('flock', [
    '--close',
    join(tmpdir(), 'vz2osctl-zfs-fuse.lock'),
    'sh',
    '-c',
    `{ ${script}; } >/dev/null 2>&1`,
  ]);
}

/**
 * A bind mount of a container that was not taken down would keep the pool. So does each mount namespace that was made meanwhile,
 * by a test beside this one as well, as long as it is there.
 */
function destroyPool(name: string, scratch: string): void {
  for (let tries = 0; ; tries += 1) {
    for (const path of mountsOf(name)) run('umount', ['-l', path]);
    try {
      run('zpool', ['destroy', '-f', name]);
      break;
    } catch (error) {
      if (tries >= DESTROY_TRIES) throw error;
      run('sleep', ['0.2']);
    }
  }
  rmSync(scratch, { recursive: true, force: true });
}

function mountsOf(pool: string): string[] {
  return lines(readFileSync('/proc/mounts', 'utf8'))
    .map((line) => line.split(' '))
    .flatMap(([device = '', path = '']) => (device === pool || device.startsWith(`${pool}/`) ? [path] : []))
    .map((path) =>
      path.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    )
    .reverse();
}

function hasFuse(t: TestContext): boolean {
  try {
    accessSync('/dev/fuse');
    return true;
  } catch {
    const reason = 'needs /dev/fuse';
    if (process.env['VZ2OSCTL_NO_SKIP'] === '1')
      throw new Error(`${t.name}: ${reason}, and nothing may be skipped`);
    process.stderr.write(`SKIPPED: ${t.name}: ${reason}\n`);
    t.skip(reason);
    return false;
  }
}

/** zfs-fuse lets go of a dataset a moment after what has read it has ended. */
function whenFree(destroy: () => string): string {
  for (let tries = 1; ; tries += 1) {
    try {
      return destroy();
    } catch (error) {
      if (tries === 50 || !String(error).includes('dataset is busy')) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
}

function lines(text: string): string[] {
  return text.split('\n').filter(Boolean);
}

function run(file: string, args: readonly string[]): string {
  return execFileSync(file, args, {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
  });
}

let made = 0;

/** Each waits for 0.2 s. */
const DESTROY_TRIES = 300;
