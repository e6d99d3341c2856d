import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { TestContext } from 'node:test';
import { Log } from '../../lib/cli/log.ts';
import { Progress } from '../../lib/cli/progress.ts';
import { osctlContainer } from '../../lib/documents/osctl-container.ts';
import type { VzMigration } from '../../lib/documents/vz-migration.ts';
import { VzError } from '../../lib/errors.ts';
import { Guard } from '../../lib/guard/guard.ts';
import type { Host } from '../../lib/host/host.ts';
import { openForcedHost, openHost } from '../../lib/host/open.ts';
import type { Run, RunOptions } from '../../lib/migrate/run.ts';
import { nodeHost } from './guards.ts';
import { MemoryJournal } from './memory-journal.ts';
import { needs } from './needs.ts';
import { startVpsAdminOsNode, type VpsAdminOsNode } from './nodes.ts';
import { usePath } from './sshd.ts';
import { treeDifferences } from './trees.ts';
import { zfsDocument } from './zfs-bundles.ts';
import { startZfsNode, type ZfsNode } from './zfs-pool.ts';

export interface MovingOptions {
  readonly children?: readonly string[];
  readonly generation?: 1 | 2;
  readonly root?: boolean;
  readonly via?: 'receive' | 'root';
  readonly sizeMib?: number;
}

export interface Moving {
  readonly source: ZfsNode;
  readonly target: VpsAdminOsNode;
  readonly run: Run;
  /** What was said on stderr. */
  readonly said: () => string;
  /** The same migration in a new process, with other hosts or options. */
  readonly again: (changes?: Partial<Run>) => Run;
  /** A guard that has stopped the container. */
  readonly stopped: () => Promise<Guard>;
  /** Where the target's root dataset is mounted. */
  readonly copy: string;
}

/** A container in its dataset, a target whose tank is on the same pool, and a migration that has just begun. */
export async function startMoving(t: TestContext, options: MovingOptions = {}): Promise<Moving | undefined> {
  const { children = [], generation = 1, root = true, via = 'receive', sizeMib } = options;
  if (!needs(t, 'ruby', 'sshd', 'ssh', 'rsync')) return undefined;
  const source = startZfsNode(t, {
    plain: true,
    children,
    ...(sizeMib === undefined ? {} : { sizeMib }),
  });
  if (!source) return undefined;
  const target = startVpsAdminOsNode(t, { dataset: `${source.pool.name}/node` });
  if (generation === 2) target.set('newer', '');
  usePath(t, join(target.dir, 'client-bin'));
  const stderr = new PassThrough();
  let text = '';
  stderr.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const log = new Log({ program: 'vz-migrate-step', stderr, level: 'detail' });
  const container = osctlContainer.parse(JSON.parse(await zfsDocument(source)));
  const journal = new MemoryJournal({
    kind: 'vz-migration',
    schema: 1,
    ctid: '101',
    id: randomUUID(),
    revision: 0,
    step: 'staging',
    doing: null,
    container,
    destination: { host: login('root'), pool: null, via, rootSession: root, start: 'auto' },
    target: null,
    source: { wasRunning: null, onboot: null, disabled: null, snapshots: [] },
    sync: { passes: [], datasets: [] },
    transfer: null,
  });
  const runOptions: RunOptions = { bytesPerSecond: undefined, waitMs: 0, guardSeconds: 30 };
  const again = (changes: Partial<Run> = {}): Run => {
    const controller = new AbortController();
    const made = {
      journal,
      source: nodeHost(source.node),
      root: root ? openHost(login('root'), () => {}) : null,
      receive: via === 'receive' ? openForcedHost(login('osctl-ct-receive'), () => {}) : null,
      login: 'ssh root@node',
      options: runOptions,
      progress: new Progress({ log, mode: 'none', what: 'ct 101' }),
      io: {
        ...{ stdin: new PassThrough(), stdout: new PassThrough(), stdinIsTty: false, stdoutIsTty: false },
        ...{ stderrIsTty: false, stdoutIsPipe: true, env: process.env, log },
        signal: controller.signal,
        abort: (reason: VzError) => controller.abort(reason),
      },
      ...changes,
    };
    return { ...made, streams: { source: made.source, root: made.root } };
  };
  const run = again();
  const stopped = async (): Promise<Guard> => {
    const lockDir = join(source.node.dir, 'lock');
    const guard = await Guard.start(run.source, {
      ctid: '101',
      lockDir,
      limitSeconds: 30,
      maxDowntimeMs: 0,
    });
    t.after(() => guard.release());
    await guard.stop();
    return guard;
  };
  return { source, target, run, said: () => text, again, stopped, copy: join(target.dir, 'tank/ct/101') };
}

function login(user: string): VzMigration['destination']['host'] {
  return { client: 'openssh', user, name: 'node', port: null, identity: null, legacy: false, options: [] };
}

/** The same host, whose link is lost as soon as a command has a word that begins so: once. */
export function lostAt(host: Host, word: string): Host {
  let isOver = false;
  return {
    ...host,
    spawn: (argv, options) => {
      const child = host.spawn(argv, options);
      if (!isOver && argv.some((one) => one.startsWith(word))) {
        isOver = true;
        void child.kill();
      }
      return child;
    },
  };
}

/** The source's host with another `zfs` first on PATH. */
export function hostWithZfs({ node }: ZfsNode, bin: string): Host {
  return nodeHost({ ...node, env: { ...node.env, PATH: `${bin}:${node.env['PATH']}` } });
}

/** What differs between the source and the mounted target, but for what osctld sets and a mount makes. */
export function differences({ source, target, copy }: Moving): string[] {
  target.osctl(['ct', 'mount', '101']);
  const expected = /^\.d\S+ (\.\/|private\/|data\/)$/;
  return treeDifferences(source.mountpoint, copy, []).filter((line) => !expected.test(line));
}

/** Names of the snapshots that the target has. */
export function received({ source: { pool } }: Moving): string[] {
  const prefix = `${pool.name}/node/ct/101`;
  return pool.snapshots().flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));
}

/** For assert.rejects. */
export function fails(exit: number, code: string, text = /./): (error: unknown) => true {
  return (error) => {
    if (!(error instanceof VzError)) throw error;
    if (error.exit === exit && error.code === code && text.test(error.line)) return true;
    throw new Error(`expected ${exit} ${code} ${text}, got ${error.exit} ${error.code} ${error.line}`);
  };
}
