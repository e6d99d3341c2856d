import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { onceABuild } from './once-a-build.ts';
import { mountSmallDisk, type SmallDisk } from './small-disk.ts';

export { type PipeOptions, type PipeResult, runPipe } from './run-pipe.ts';

export interface OpenVzOptions {
  /** A small tree that needs no root: no owners, no device nodes, no bind mount. */
  readonly plain?: boolean;
  /** Adds so many MiB of mixed files. */
  readonly sizeMib?: number;
  /** While it runs, the container appends to two files of its own that agree whenever it is stopped. */
  readonly writer?: boolean;
  /** There is a container 102 as well, on ploop. It has the filler, 101 then has none. Needs root. */
  readonly ploop?: boolean;
}

export interface LogEntry {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly verb: string;
  readonly ctid: string;
  /** `begin` and the arguments, or `end` and the exit code. */
  readonly what: string;
}

export interface OpenVzNode {
  readonly dir: string;
  /** Directory of 101.conf; vz.conf and names/ are beside it. */
  readonly confDir: string;
  readonly privatePath: string;
  readonly rootPath: string;
  /** Where its fault switches are (see its README). */
  readonly stateDir: string;
  /** Has vzctl and vzlist first on PATH. */
  readonly env: NodeJS.ProcessEnv;
  readonly vzctl: (...args: string[]) => CommandResult;
  /** What vzctl was asked to do since the node was made; `status` leaves no line. */
  readonly log: () => LogEntry[];
  /** The line of `vzctl status`; of 101 where no other is named. */
  readonly status: (ctid?: string) => string;
}

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Makes an OpenVZ node with container 101, running, for the length of a test. */
export function startOpenVzNode(t: TestContext, options: OpenVzOptions = {}): OpenVzNode {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-openvz-'));
  t.after(() => {
    execFileSync(join(OPENVZ, 'remove-node'), [dir], { stdio: ['ignore', 'ignore', 'inherit'] });
  });
  const kind = options.plain ? 'plain' : 'hostile';
  const tree = onceABuild(`tree-${kind}`, (made) => {
    execFileSync(join(OPENVZ, 'make-tree'), [kind, made], { stdio: ['ignore', 'ignore', 'inherit'] });
  });
  const flags = [
    ...['--tree', tree],
    ...(options.plain ? ['--plain'] : []),
    ...(options.writer ? ['--writer'] : []),
    ...(options.ploop ? ['--ploop'] : []),
    ...(options.sizeMib === undefined ? [] : ['--size', String(options.sizeMib)]),
  ];
  execFileSync(join(OPENVZ, 'make-node'), [...flags, dir], { stdio: ['ignore', 'ignore', 'inherit'] });
  const env = { ...process.env, VZ_STANDIN: dir, PATH: `${join(OPENVZ, 'bin')}:${process.env['PATH']}` };
  const vzctl = (...args: string[]): CommandResult => runCommand('vzctl', args, env);
  const stateDir = join(dir, 'state');
  return {
    dir,
    confDir: join(dir, 'etc/vz/conf'),
    privatePath: join(dir, 'private/101'),
    rootPath: join(dir, 'root/101'),
    stateDir,
    env,
    vzctl,
    log: () => logEntries(join(stateDir, 'log')),
    status: (ctid = '101') => vzctl('status', ctid).stdout.trimEnd(),
  };
}

export interface VpsAdminOsNode {
  readonly dir: string;
  readonly sshConfig: string;
  /** Has an `ssh` first on PATH that finds the host `node`: `ssh root@node` just works. */
  readonly env: NodeJS.ProcessEnv;
  /** The environment of a session on the node, for what runs there without ssh: osctl and zfs are first on PATH. */
  readonly nodeEnv: NodeJS.ProcessEnv;
  /** Runs osctl on the node, without ssh. */
  readonly osctl: (args: readonly string[], input?: string) => CommandResult;
  /** The real reasons behind `internal error`. */
  readonly daemonLog: () => string;
  /** Sets a switch (see its README); null takes it away. */
  readonly set: (name: string, value: string | null) => void;
  /** What its containers did since the node was made. */
  readonly log: () => LogEntry[];
  /** `sv restart osctld`. */
  readonly restart: () => void;
  /** What it is on, where it was asked for one. */
  readonly disk: SmallDisk | undefined;
}

/**
 * Starts a vpsAdminOS node (an sshd on loopback, osctl, zfs, pool tank) for the length of a test. `dataset` names one that
 * is made on a real ZFS pool and is tank; without it tank is made of directories, and receives no streams. `diskMib`: those are
 * on a file system of this size, which can be filled.
 */
export function startVpsAdminOsNode(
  t: TestContext,
  { dataset, diskMib }: { readonly dataset?: string; readonly diskMib?: number } = {},
): VpsAdminOsNode {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-vpsadminos-'));
  // What osctld itself writes must fit.
  const disk = diskMib === undefined ? undefined : mountSmallDisk(dir, diskMib, 65_536);
  t.after(() => {
    execFileSync(join(VPSADMINOS, 'stop'), [dir], { stdio: ['ignore', 'ignore', 'inherit'] });
    disk?.unmount();
    rmSync(dir, { recursive: true, force: true });
  });
  cpSync(onceABuild('vpsadminos-keys', makeKeys), dir, { recursive: true });
  execFileSync(join(VPSADMINOS, 'start'), dataset === undefined ? [dir] : [dir, dataset], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const nodeEnv = {
    ...process.env,
    VPSADMINOS_STANDIN: dir,
    PATH: `${join(VPSADMINOS, 'bin')}:${process.env['PATH']}`,
  };
  return {
    dir,
    sshConfig: join(dir, 'ssh_config'),
    env: { ...process.env, PATH: `${join(dir, 'client-bin')}:${process.env['PATH']}` },
    nodeEnv,
    osctl: (args, input) => runCommand('osctl', args, nodeEnv, input),
    daemonLog: () => readLog(join(dir, 'osctld.log')),
    set: (name, value) =>
      value === null ? rmSync(join(dir, name), { force: true }) : writeFileSync(join(dir, name), value),
    log: () => logEntries(join(dir, 'ct.log')),
    restart: () => {
      execFileSync(join(VPSADMINOS, 'bin/osctld-restart'), { env: nodeEnv });
    },
    disk,
  };
}

/** What the node's script would make for each node. */
function makeKeys(dir: string): void {
  for (const key of ['id_ed25519', 'id_receive', 'host_key'])
    execFileSync('ssh-keygen', [
      '-q',
      '-t',
      'ed25519',
      '-N',
      '',
      '-C',
      `${key} of the stand-in`,
      '-f',
      join(dir, key),
    ]);
}

/** A log that nobody has written to yet is not there. */
function readLog(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function logEntries(path: string): LogEntry[] {
  return readLog(path).split('\n').filter(Boolean).map(parseLogLine);
}

/** `1700000000.123456789 stop 101 begin --fast` */
function parseLogLine(line: string): LogEntry {
  const [seconds = '', verb = '', ctid = '', ...what] = line.split(' ');
  return { atMs: Number(seconds) * 1000, verb, ctid, what: what.join(' ') };
}

/** Runs a program to its end. Throws where it cannot be started. */
export function runCommand(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  input: string | Buffer = '',
): CommandResult {
  const result = spawnSync(file, args, { env, input, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (result.error) throw result.error;
  return { code: result.status, stdout: result.stdout, stderr: result.stderr };
}

/** Tests run in the root of the repository. */
const SUPPORT = resolve('test/support');
const OPENVZ = join(SUPPORT, 'openvz-node');
const VPSADMINOS = join(SUPPORT, 'vpsadminos-node');
