import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { needs } from '../support/needs.ts';
import { type OpenVzNode, runPipe, startOpenVzNode } from '../support/nodes.ts';
import { type Program, processesNaming, startProgram } from '../support/programs.ts';
import { type Sshd, startSshd } from '../support/sshd.ts';

type Client = 'openssh' | 'builtin';

interface Far {
  readonly node: OpenVzNode;
  readonly sshd: Sshd;
  /** Where the program makes its directories. */
  readonly tmp: string;
  readonly env: NodeJS.ProcessEnv;
  readonly args: (client: Client, ...operands: string[]) => string[];
  /** What sshd has let in, and what it was asked to run. */
  readonly counts: () => { connections: number; commands: number };
}

/** A node with the containers 101 to 103 behind sshd. `wait`: its vzctl takes so many seconds for its version. */
async function farNode(t: TestContext, wait = 0): Promise<Far | undefined> {
  if (!needs(t, 'root', 'ssh', 'sshd')) return undefined;
  const node = startOpenVzNode(t, { plain: true });
  for (const ctid of [102, 103])
    copyFileSync(join(node.confDir, '101.conf'), join(node.confDir, `${ctid}.conf`));
  const slow = join(node.dir, 'slow-bin');
  mkdirSync(slow);
  if (wait > 0) writeFileSync(join(slow, 'vzctl'), `#!/bin/sh\nsleep ${wait}\n`, { mode: 0o755 });
  const environment = `SetEnv "PATH=${slow}:${node.env['PATH']}" "VZ_STANDIN=${node.dir}" "HOME=${node.dir}"`;
  const sshd = await startSshd(t, { config: ['LogLevel VERBOSE', environment] });
  const tmp = mkdtempSync(join(tmpdir(), 'looks-'));
  t.after(() => rmSync(tmp, { recursive: true }));
  const count = (text: string): number => sshd.log().split(text).length - 1;
  return {
    ...{ node, sshd, tmp },
    env: { ...process.env, TMPDIR: tmp, PATH: `${sshd.clientBin}:${process.env['PATH']}` },
    args: (client, ...operands) => [
      '--ssh',
      client,
      '--identity',
      sshd.identity,
      '--conf-dir',
      node.confDir,
      ...operands,
    ],
    counts: () => ({
      connections: count('Accepted publickey for '),
      commands: count('Starting session: '),
    }),
  };
}

async function look({ env, args }: Far, client: Client, ...operands: string[]): Promise<string[]> {
  const result = await runPipe([`vz-parse-config ${args(client, ...operands).join(' ')}`], { env });
  assert.equal(result.code, 0, result.stderr);
  return result.stdout.trimEnd().split('\n');
}

async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; !what(); tries += 1) {
    if (tries > 600) throw new Error('waited for 30 seconds');
    await sleep(50);
  }
}

const CLIENTS: readonly Client[] = ['openssh', 'builtin'];

for (const client of CLIENTS) {
  test(`${client}: a node is looked at through one connection, of which nothing is left`, async (t) => {
    const far = await farNode(t);
    if (!far) return;
    assert.equal((await look(far, client, 'root@node:101')).length, 1);
    assert.deepEqual(far.counts(), { connections: 1, commands: 2 });
    assert.equal((await look(far, client, '--all', 'root@node')).length, 3);
    // A list, one of each container before its facts, and the facts.
    assert.deepEqual(far.counts(), { connections: 2, commands: 2 + 1 + 3 * 2 });
    assert.equal((await look(far, client, '--probe', 'root@node')).length > 1, true);
    assert.deepEqual(far.counts(), { connections: 3, commands: 9 + 1 });
    assert.deepEqual(readdirSync(far.tmp), []);
    // It says that it will end before it does.
    await until(() => processesNaming(`${far.tmp}/`).length === 0);
  });
}

test('a connection that keeps the stderr of its first command, as old ones do, holds up nothing', async (t) => {
  const far = await farNode(t);
  if (!far) return;
  // With -v, the ssh of today keeps it as well.
  const ssh = join(far.sshd.clientBin, 'ssh');
  writeFileSync(ssh, readFileSync(ssh, 'utf8').replace('"$@"', '-v "$@"'));
  await look(far, 'openssh', 'root@node:101');
  // Waited for, it would have ended before the second command.
  assert.equal(far.counts().connections, 1);
});

test("a ControlPath of the user's own is used, and its connection stays", async (t) => {
  const far = await farNode(t);
  if (!far) return;
  const socket = join(far.sshd.dir, 'own');
  const config = `  ControlMaster auto\n  ControlPath ${socket}\n  ControlPersist 30\n`;
  appendFileSync(join(far.sshd.dir, 'ssh_config'), config);
  await look(far, 'openssh', 'root@node:101');
  await look(far, 'openssh', 'root@node:102');
  assert.equal(far.counts().connections, 1);
  const masters = processesNaming(socket);
  assert.equal(masters.length, 1);
  process.kill(Number.parseInt(masters[0] ?? '', 10));
});

test('whoever stops it gets its connection and its directory ended, too', async (t) => {
  const far = await farNode(t, 3);
  if (!far) return;
  const { tmp, env, args } = far;
  const isShared = (): boolean => processesNaming(`${tmp}/`).some((line) => line.includes('[mux]'));
  const stopped = startProgram('vz-parse-config', args('openssh', 'root@node:101'), env, '');
  await until(isShared);
  stopped.child.kill('SIGTERM');
  assert.equal(await stopped.exit, 143);
  assert.deepEqual(readdirSync(tmp), []);
  await until(() => processesNaming(`${tmp}/`).length === 0);

  const killed = startProgram('vz-parse-config', args('openssh', 'root@node:101'), env, '');
  await until(isShared);
  killed.child.kill('SIGKILL');
  await killed.exit;
  // The command runs to its end, and then the connection is kept for some seconds.
  await until(() => processesNaming(`${tmp}/`).length === 0);
});

test('where TMPDIR is too long for a socket, each command has a connection', async (t) => {
  const far = await farNode(t);
  if (!far) return;
  const long = join(far.tmp, 'x'.repeat(100));
  mkdirSync(long);
  await look({ ...far, env: { ...far.env, TMPDIR: long } }, 'openssh', 'root@node:101');
  assert.deepEqual(far.counts(), { connections: 2, commands: 2 });
});

test('what ssh says of a host key is told as ever, and a new one once', async (t) => {
  const far = await farNode(t);
  if (!far) return;
  writeFileSync(far.sshd.knownHosts, '');
  const start = (...flags: string[]): Program =>
    startProgram('vz-parse-config', far.args('openssh', ...flags, 'root@node:101'), far.env, '');
  const refused = start();
  assert.equal(await refused.exit, 77);
  assert.match(refused.said(), /host key verification failed.*accept-new/i);
  const taken = start('--host-key-checking', 'accept-new');
  taken.child.stdout.resume();
  assert.equal(await taken.exit, 0);
  assert.equal(taken.said().match(/Permanently added/g)?.length, 1);
});
