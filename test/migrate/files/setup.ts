import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Log } from '../../../lib/cli/log.ts';
import { Progress } from '../../../lib/cli/progress.ts';
import type { OsctlContainer } from '../../../lib/documents/documents.ts';
import type { SshTarget } from '../../../lib/documents/source.ts';
import { validateDocument } from '../../../lib/documents/validate.ts';
import { Guard } from '../../../lib/guard/guard.ts';
import { openHost } from '../../../lib/host/open.ts';
import { filesWay } from '../../../lib/migrate/files/way.ts';
import type { Run } from '../../../lib/migrate/run.ts';
import { loggedHost } from '../../../lib/source/logged-host.ts';
import { MemoryJournal } from '../../support/memory-journal.ts';
import { needs } from '../../support/needs.ts';
import {
  type OpenVzNode,
  type OpenVzOptions,
  runPipe,
  startOpenVzNode,
  startVpsAdminOsNode,
  type VpsAdminOsNode,
} from '../../support/nodes.ts';
import { type RemoteNode, reachBySsh } from '../../support/remote-node/remote-node.ts';
import { treeDifferences } from '../../support/trees.ts';

export interface Moving {
  readonly source: OpenVzNode;
  readonly remote: RemoteNode;
  readonly target: VpsAdminOsNode;
  readonly run: Run;
  readonly journal: MemoryJournal;
  readonly abort: AbortController;
  /** All that was said. */
  readonly said: () => string;
  /** Directories on the new node. */
  readonly incoming: string;
  readonly private: string;
}

export interface MovingOptions extends OpenVzOptions {
  readonly ctid?: string;
  /** Changes the container's document. */
  readonly change?: (document: OsctlContainer) => OsctlContainer;
}

/** A migration that is to begin: a container on an old node, and a new node, each behind an sshd of its own. */
export async function startMoving(t: TestContext, options: MovingOptions = {}): Promise<Moving | undefined> {
  if (!needs(t, 'root', 'ruby', 'sshd', 'ssh', 'rsync', 'setcap')) return undefined;
  const { ctid = '101', change = (document) => document } = options;
  const source = startOpenVzNode(t, options);
  const target = startVpsAdminOsNode(t);
  const remote = await reachBySsh(t, source, { include: target.sshConfig });
  if (!remote) return undefined;
  // Hosts run ssh by the PATH of the process.
  const path = process.env['PATH'];
  process.env['PATH'] = remote.env['PATH'];
  t.after(() => {
    process.env['PATH'] = path;
  });
  const parse = `vz-parse-config --conf-dir '${source.confDir}' root@vz6:${ctid}`;
  const parsed = await runPipe([parse, 'vz-to-osctl -q --report none'], { env: remote.env });
  assert.equal(parsed.code, 0, parsed.stderr);
  const container = change(validateDocument(JSON.parse(parsed.stdout), 'osctl-container', 'test'));
  const journal = new MemoryJournal(newMigration(ctid, container));
  const stderr = new PassThrough();
  let said = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const abort = new AbortController();
  const log = new Log({ program: 'test', stderr, level: 'detail' });
  const warn = (line: string): void => log.warning(line);
  const [vz6, root] = ['vz6', 'node'].map((name) =>
    loggedHost(openHost(sshTarget(name), warn), (line) => log.detail(line)),
  );
  assert.ok(vz6 && root);
  const run: Run = {
    journal,
    ...{ source: vz6, root, streams: { source: vz6, root } },
    receive: null,
    login: 'ssh root@node',
    options: { bytesPerSecond: undefined, waitMs: 1000, guardSeconds: 5 },
    progress: new Progress({ log, mode: 'none', what: 'test' }),
    io: {
      ...{ stdin: new PassThrough(), stdout: new PassThrough(), env: {}, log },
      ...{ stdinIsTty: false, stdoutIsTty: false, stderrIsTty: false, stdoutIsPipe: false },
      signal: abort.signal,
      abort: (reason) => abort.abort(reason),
    },
  };
  const mountpoint = join(target.dir, 'tank/ct', container.id);
  return {
    ...{ source, remote, target, run, journal, abort, said: () => said },
    incoming: join(mountpoint, 'vz2osctl.incoming'),
    private: join(mountpoint, 'private'),
  };
}

/** What differs between the container's files and a copy on the new node; /dev's contents stay behind. */
export function differences(tree: string, copy: string): string[] {
  return treeDifferences(tree, copy, ['/dev/*']);
}

/** The same after a pass that was not the last: of young files the time does not count, nor sockets, which tar leaves out. */
export function differencesMeanwhile(tree: string, copy: string): string[] {
  return differences(tree, copy).filter((line) => !/^(?:\.f\.\.t\.\.\.\.\.\. |cS)/.test(line));
}

/** Stops the container, and has the last pass made. */
export async function stopAndSend({ run, source }: Moving, ctid = '101'): Promise<void> {
  const options = { ctid, lockDir: join(source.dir, 'lock'), limitSeconds: 10, maxDowntimeMs: 0 };
  const guard = await Guard.start(run.source, options);
  try {
    const last = await filesWay.prepareLast(run);
    await guard.stop(last.stop);
    await last.send(guard);
    assert.equal(await guard.disarm(), true);
  } finally {
    assert.equal(await guard.release(), undefined);
  }
}

/** Puts a script before all of the new node's programs; `$real` is the one of that name behind it. */
export function replaceOnNode({ target }: Moving, program: string, script: string): void {
  const bin = join(target.dir, 'bin');
  mkdirSync(bin, { recursive: true });
  const rest = '/usr/sbin:/usr/bin:/sbin:/bin';
  const real = `$(PATH=${resolve('test/support/vpsadminos-node/bin')}:${rest} command -v ${program})`;
  writeFileSync(join(bin, program), `#!/bin/sh\nreal=${real}\n${script}\n`, { mode: 0o755 });
}

/** Takes the script away again. */
export function restoreOnNode({ target }: Moving, program: string): void {
  rmSync(join(target.dir, 'bin', program));
}

/** Waits for an ssh client with such words in its command line, and kills it. */
export async function killSsh(moving: Moving, words: string): Promise<void> {
  process.kill(await untilSsh(moving, words), 'SIGKILL');
}

/** Waits for an ssh client with such words in its command line, and until it is under way. Returns its process id. */
export async function untilSsh({ remote }: Moving, words: string): Promise<number> {
  for (let tries = 0; tries < 1000; tries += 1) {
    const line = remote.clients().find((one) => one.includes(words));
    if (line !== undefined) {
      await sleep(1000);
      return Number.parseInt(line, 10);
    }
    await sleep(25);
  }
  throw new Error(`no ssh for ${words}`);
}

/** Nothing of a migration is on the node: no container, no user, no data. */
export function assertGone({ target }: Moving): void {
  const { osctl, dir } = target;
  for (const kind of ['ct', 'user'])
    assert.equal(osctl([kind, 'ls', '-H', '-o', kind === 'ct' ? 'id' : 'name']).stdout, '', kind);
  assert.equal(osctl(['group', 'ls', '-H', '-o', 'name']).stdout, '/default\n');
  assert.equal(existsSync(join(dir, 'tank/ct/101')), false);
}

/** `uidmap` and `gidmap` of the container's dataset. */
export function mapsOf({ target }: Moving): string[] {
  const { nodeEnv } = target;
  return runZfs(nodeEnv, ['get', '-H', '-o', 'value', 'uidmap,gidmap', 'tank/ct/101']);
}

function runZfs(env: NodeJS.ProcessEnv, args: readonly string[]): string[] {
  const zfs = env['PATH']?.split(':')[0];
  return execFileSync(join(zfs ?? '', 'zfs'), args, { env, encoding: 'utf8' })
    .trimEnd()
    .split('\n');
}

function newMigration(ctid: string, container: OsctlContainer): MemoryJournal['document'] {
  return {
    ...{ kind: 'vz-migration', schema: 1, ctid, id: randomUUID(), revision: 0, step: 'staging', doing: null },
    container,
    destination: {
      host: { ...hostReference('node'), user: 'root' },
      ...{ pool: null, via: 'root', rootSession: true, start: 'auto' },
    },
    target: null,
    source: { wasRunning: null, onboot: null, disabled: null, snapshots: [] },
    sync: { passes: [], datasets: [] },
    transfer: null,
  };
}

function sshTarget(name: string): SshTarget {
  return hostReference(name);
}

function hostReference(name: string): OsctlContainer['source']['host'] & object {
  return { client: 'openssh', user: 'root', name, port: null, identity: null, legacy: false, options: [] };
}
