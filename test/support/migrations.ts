import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { VzMigration } from '../../lib/documents/documents.ts';
import { validateDocument } from '../../lib/documents/validate.ts';
import { needs } from './needs.ts';
import {
  type OpenVzNode,
  type OpenVzOptions,
  runPipe,
  startOpenVzNode,
  startVpsAdminOsNode,
  type VpsAdminOsNode,
} from './nodes.ts';
import { PLOOP, ploopNode } from './ploop-exports.ts';
import { showContainer } from './receiver.ts';
import { type RemoteNode, reachBySsh } from './remote-node/remote-node.ts';
import { makePool, startZfsNode, type ZfsPool } from './zfs-pool.ts';

/** How a container is stored on its old node, and for ZFS how it goes. */
export type Storage = 'simfs' | 'ploop' | 'zfs-receive-1' | 'zfs-receive-2' | 'zfs-root';

export interface StepResult {
  readonly code: number;
  readonly stderr: string;
  readonly stdout: string;
  /** What came on stdout, where it is a document. */
  readonly document: VzMigration | undefined;
}

/** Two nodes, each behind an sshd of its own, and a third machine (this one) that moves a container with the program. */
export interface Migration {
  readonly storage: Storage;
  readonly source: OpenVzNode;
  readonly ctid: string;
  readonly target: VpsAdminOsNode;
  readonly remote: RemoteNode;
  readonly pool: ZfsPool | undefined;
  /** `root@vz6:101`. */
  readonly name: string;
  readonly stateDir: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs vz-migrate-step with the container's name behind the step's. */
  readonly step: (step: string, ...flags: string[]) => Promise<StepResult>;
  /** Stages it with the pipe of the manual. */
  readonly stage: (...flags: string[]) => Promise<StepResult>;
  /** The document as it stands in the state directory; undefined: there is none. */
  readonly state: () => VzMigration | undefined;
  /** The source's root filesystem. */
  readonly tree: string;
  /** The target's. */
  readonly copy: string;
}

export interface MigrationOptions extends OpenVzOptions {
  /** `--to`; root@node where it is not given. */
  readonly to?: string;
  readonly children?: readonly string[];
  /** Where the state is; without it in the target's directory. */
  readonly stateDir?: string;
  /** Size of the target's file system, where it is no pool. */
  readonly diskMib?: number;
  /** The target's tank is on a real pool, also for what is sent as files. */
  readonly targetOnZfs?: boolean;
}

/** Makes both nodes. Undefined: something is missing, and the test is skipped. */
export async function startMigration(
  t: TestContext,
  storage: Storage,
  {
    to = 'root@node',
    stateDir: ownStateDir,
    diskMib,
    targetOnZfs = false,
    ...options
  }: MigrationOptions = {},
): Promise<Migration | undefined> {
  if (!needs(t, 'root', 'ruby', 'sshd', 'ssh', 'rsync', 'setcap')) return undefined;
  const made = await makeSource(t, storage, options);
  if (!made) return undefined;
  const { source, ctid, tree, pool } = made;
  const tank = pool ?? (targetOnZfs ? makePool(t, { sizeMib: 512 + 2 * (options.sizeMib ?? 0) }) : undefined);
  if (targetOnZfs && !tank) return undefined;
  const target = startVpsAdminOsNode(t, tank ? { dataset: `${tank.name}/node` } : diskMib ? { diskMib } : {});
  if (storage === 'zfs-receive-2') target.set('newer', '');
  const remote = await reachBySsh(t, source, { include: target.sshConfig });
  if (!remote) return undefined;
  const stateDir = ownStateDir ?? join(target.dir, 'migrations');
  const name = `root@vz6:${ctid}`;
  const path = `${twoNodes(target.dir, remote)}:${process.env['PATH']}`;
  const env: NodeJS.ProcessEnv = { ...remote.env, PATH: path, VZ2OSCTL_GUARD_SECONDS: '2' };
  const run = async (script: string): Promise<StepResult> => {
    const { code, stderr, stdout } = await runPipe(script, { env });
    const document = stdout.startsWith('{')
      ? validateDocument(JSON.parse(stdout), 'vz-migration', 'stdout')
      : undefined;
    return { code, stderr, stdout, document };
  };
  const words = (flags: readonly string[]): string => flags.map((flag) => ` '${flag}'`).join('');
  const via = storage === 'zfs-root' ? ' --via root' : '';
  return {
    ...{ storage, source, ctid, target, remote, pool, name, stateDir, env, tree },
    copy: join(target.dir, 'tank/ct', ctid, 'private'),
    step: (step, ...flags) => run(`vz-migrate-step ${step} ${name} --state-dir '${stateDir}'${words(flags)}`),
    stage: (...flags) =>
      run(
        `vz-parse-config --conf-dir '${source.confDir}' ${name} | vz-to-osctl -q --report none | ` +
          `vz-migrate-step stage --to ${to} --state-dir '${stateDir}'${via}${words(flags)}`,
      ),
    state: () => readState(stateDir),
  };
}

/** What runs: at most one of both sides. */
export function running({ source, target, ctid }: Migration): string[] {
  const sides: string[] = [];
  if (/ running$/.test(source.status(ctid))) sides.push('source');
  if (showContainer(target, ctid)?.['state'] === 'running') sides.push('target');
  return sides;
}

/** That the container never ran on both sides, by the times in both nodes' logs. */
export function assertNeverTwice({ source, target, ctid }: Migration): void {
  const events = [
    ...source.log().map((entry) => ({ ...entry, side: 'source' })),
    ...target.log().map((entry) => ({ ...entry, side: 'target' })),
  ]
    .filter((entry) => entry.ctid === ctid && (entry.verb === 'start' || entry.verb === 'stop'))
    .sort((a, b) => a.atMs - b.atMs);
  const up = new Set(['source']);
  for (const [index, { side, verb, what }] of events.entries()) {
    // From the first moment on in which it may run, until the last one.
    const isStart = verb === 'start' && what.startsWith('begin') && !failsLater(events, index);
    if (isStart) up.add(side);
    if (verb === 'stop' && what === 'end 0') up.delete(side);
    assert.ok(up.size < 2, `both at once: ${events.map((e) => `${e.side} ${e.verb} ${e.what}`).join('; ')}`);
  }
}

type Event = { readonly side: string; readonly verb: string; readonly what: string };

/** A start that has ended with an error did not make it run. */
function failsLater(events: readonly Event[], index: number): boolean {
  const { side, verb } = events[index] ?? {};
  const end = events.slice(index + 1).find((event) => event.side === side && event.verb === verb);
  return end !== undefined && /^end [1-9]/.test(end.what);
}

/** Puts a program into a directory of hooks; it says its name, and ends with the code. */
export function makeHook(dir: string, name: string, code = 0): void {
  mkdirSync(dir, { recursive: true });
  const script = `#!/bin/sh\ncat >'${dir}/${name}.json'\necho ${name} >>'${dir}/log'\nexit ${code}\n`;
  writeFileSync(join(dir, name), script, { mode: 0o755 });
}

/** A directory with an `ssh` that finds both nodes: each has one of its own. */
function twoNodes(dir: string, { env }: RemoteNode): string {
  const bin = join(dir, 'both-bin');
  const [vz6 = ''] = env['PATH']?.split(':') ?? [];
  const choose = `for word; do case $word in vz6 | *@vz6) exec '${vz6}/ssh' "$@" ;; node | *@node) break ;; esac; done`;
  mkdirSync(bin);
  writeFileSync(join(bin, 'ssh'), `#!/bin/sh\n${choose}\nexec '${dir}/client-bin/ssh' "$@"\n`, {
    mode: 0o755,
  });
  return bin;
}

function readState(stateDir: string): VzMigration | undefined {
  const [file] = readdirSync(stateDir).filter((name) => name.endsWith('.json'));
  if (file === undefined) return undefined;
  return validateDocument(JSON.parse(readFileSync(join(stateDir, file), 'utf8')), 'vz-migration', file);
}

interface Source {
  readonly source: OpenVzNode;
  readonly ctid: string;
  readonly tree: string;
  readonly pool?: ZfsPool;
}

async function makeSource(
  t: TestContext,
  storage: Storage,
  { children = [], ...options }: MigrationOptions,
): Promise<Source | undefined> {
  if (storage === 'simfs') {
    const source = startOpenVzNode(t, options);
    return { source, ctid: '101', tree: source.privatePath };
  }
  if (storage === 'ploop') {
    const ploop = await ploopNode(t, options);
    return ploop && { source: ploop.node, ctid: PLOOP, tree: join(ploop.node.dir, 'root', PLOOP) };
  }
  const made = startZfsNode(t, { plain: true, children, ...options });
  return made && { source: made.node, ctid: '101', tree: made.node.privatePath, pool: made.pool };
}
