import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HandMadeArchive } from './hand-made-archive.ts';
import { needs } from './needs.ts';
import {
  type CommandResult,
  runCommand,
  runPipe,
  startVpsAdminOsNode,
  type VpsAdminOsNode,
} from './nodes.ts';
import { makeSkel, receive, showContainer, stage } from './receiver.ts';
import { makeKey, publicKey } from './sshd.ts';

test('what skel refuses, and what that leaves', (t) => {
  const node = startNode(t);
  if (!node) return;
  const refused = (options: HandMadeArchive, text: string, words = ''): void =>
    fails(receive(node, `skel ${words}`, { input: makeSkel(t, options) }), text);
  refused({}, 'pool not found', 'other');
  refused({}, 'invalid authentication key', '- secret');
  node.set('pool-disabled', '');
  refused({}, 'the pool is disabled');
  node.set('pool-disabled', null);
  fails(receive(node, 'skel', { input: 'junk' }), 'internal error');
  refused({ metadata: { type: 'full' } }, "expected archive type to be 'skel', got 'full'");
  refused({ metadata: { container: 101 } }, 'internal error');
  refused({ config: { distribution: null } }, 'internal error');
  assert.deepEqual(users(node), ['101'], 'the user was made before the config was read');
  refused(
    { config: { devices: [{ type: 'char', major: '10', minor: '229', mode: 'rwm' }] } },
    "device 'c 10:229 rwm' not available in group 'tank:/default'",
  );
  refused(
    { metadata: { user: 'named', container: 'no id' }, members: { 'config/user.yml': MAPS } },
    'internal error',
  );
  refused({ metadata: { user: 'unknown', container: 'later' } }, 'internal error', '- ');
  assert.equal(node.osctl(['ct', 'ls', '-H']).stdout, '');
  refused({ metadata: { container: '102', datasets: null } }, 'internal error');
  refused({ metadata: { container: '102' } }, 'container tank:102 already exists');
  assert.equal(showContainer(node, '102')?.['state'], 'staged', 'a ghost');
  node.set('newer', '');
  fails(
    receive(node, '2 skel', { input: makeSkel(t, { metadata: { container: '103', datasets: null } }) }),
    'internal error',
  );
  assert.equal(showContainer(node, '103'), undefined);
});

test('the login, the usage, and arguments that are too many', (t) => {
  const node = startNode(t);
  if (!node) return;
  for (const words of ['', 'nonsense', 'base TOKEN', 'transfer', 'cancel', 'cleanup TOKEN']) {
    const result = receive(node, words, { input: makeSkel(t) });
    assert.equal(result.code, 1, words);
    assert.match(result.stderr, /^Usage:\n {2}receive skel \[pool\|- \[passphrase\]\]\n/, words);
  }
  // What the built-in client goes by.
  const asked = runCommand('ssh', ['-G', '-l', 'osctl-ct-receive', 'node'], node.env).stdout;
  assert.deepEqual(asked.match(/^(user|identityfile) .*$/gm), [
    `user ${userInfo().username}`,
    `identityfile ${node.dir}/id_receive`,
  ]);
  const token = receive(node, 'skel', { input: makeSkel(t) }).stdout.trimEnd();
  fails(receive(node, `base ${token} / s1 more`), 'unable to receive stream, zfs recv exited with 1');
  assert.match(node.daemonLog(), /zfs recv -F -u tank\/ct\/101: cannot receive/);
  const env = { ...node.nodeEnv, SSH_ORIGINAL_COMMAND: `receive cancel ${token}` };
  fails(runCommand('receive-hook', ['other', 'default'], env), 'key pool not found');
  node.set('pool-disabled', '');
  for (const verb of ['transfer', 'cancel']) fails(receive(node, `${verb} ${token}`), 'the pool is disabled');
  node.set('pool-disabled', null);
  assert.equal(receive(node, `transfer ${token} now`).code, 0);
});

test('a key has a glob for ids, addresses, a passphrase, and may be for one container', (t) => {
  const node = startNode(t);
  if (!node) return;
  const key = join(node.dir, 'other');
  makeKey(key, 'ed25519');
  const add = (...args: string[]): CommandResult =>
    node.osctl(['receive', 'authorized-keys', 'add', ...args], `${publicKey(key)} somebody@host\n`);
  const skel = (container: string, words = ''): CommandResult =>
    receive(node, `skel ${words}`, { key, input: makeSkel(t, { metadata: { container } }) });
  assert.equal(skel('101').code, 255, 'ssh does not let it in');
  assert.equal(add('a b').stderr, 'error: key name must consist only of a-z A-Z 0-9, _-:.\n');
  assert.equal(
    add('--passphrase', 'a b', 'x').stderr,
    'error: passphrase must consist only of a-z A-Z 0-9, _-:.\n',
  );
  assert.equal(add('default').stderr, "error: key 'default' already exists\n");
  assert.equal(add('--from', '192.0.2.*', 'far').code, 0);
  fails(skel('101'), 'invalid authentication key');
  assert.equal(node.osctl(['receive', 'authorized-keys', 'del', 'far']).code, 0);
  assert.equal(node.osctl(['receive', 'authorized-keys', 'del', 'far']).code, 1);

  assert.equal(
    add('--from', '192.0.2.1,127.*', '--ctid', 'web*', '--single-use', '--passphrase', 'pw', 'once').code,
    0,
  );
  fails(skel('web1'), 'invalid authentication key');
  fails(skel('101', '- pw'), 'access denied: invalid container id');
  const token = skel('web1', '- pw').stdout.trimEnd();
  fails(skel('web2', '- pw'), 'invalid authentication key');
  fails(receive(node, `transfer ${token}`), 'authentication key mismatch');
  assert.equal(receive(node, `transfer ${token}`, { key }).code, 0);
  assert.equal(skel('web2', '- pw').code, 255, 'the key is gone');

  add('rotated');
  const second = skel('103').stdout.trimEnd();
  node.osctl(['receive', 'authorized-keys', 'del', 'rotated']);
  makeKey(`${key}2`, 'ed25519');
  node.osctl(['receive', 'authorized-keys', 'add', 'rotated'], publicKey(`${key}2`));
  fails(receive(node, `cancel ${second}`, { key: `${key}2` }), 'authentication key mismatch');

  add('--single-use', 'again');
  assert.equal(skel('104').code, 0);
  assert.equal(node.osctl(['-q', 'ct', 'del', '104']).stderr, '');
  const names = JSON.parse(node.osctl(['-j', 'receive', 'authorized-keys', 'ls']).stdout);
  assert.deepEqual(
    names.map(({ name }: { name: string }) => name),
    ['default', 'rotated'],
  );
});

test('commands on one container queue up', async (t) => {
  const node = startNode(t);
  if (!node) return;
  const token = stage(t, node);
  // A zfs that hangs as long as its stream does.
  mkdirSync(join(node.dir, 'bin'));
  writeFileSync(join(node.dir, 'bin/zfs'), '#!/bin/sh\ncat >/dev/null\n', { mode: 0o755 });
  const ssh = 'ssh -T osctl-ct-receive@node receive';
  const base = runPipe(`(sleep 1.5) | ${ssh} base ${token} / s1`, { env: node.env });
  await sleep(700);
  const transfer = await runPipe(`${ssh} transfer ${token} </dev/null`, { env: node.env });
  assert.equal((await base).code, 0);
  // The stand-in destroys nothing on directories.
  assert.deepEqual([transfer.code, transfer.stderr], [1, 'Error: internal error\n']);
  const order = node.log().map(({ verb, what }) => `${verb} ${what}`);
  assert.deepEqual(order.slice(2), ['base begin', 'base end 0', 'transfer begin', 'transfer end 1']);
});

test('root mounts a staged container, and fills it', async (t) => {
  const node = startNode(t);
  if (!node) return;
  const token = stage(t, node);
  const root = String(showContainer(node)?.['rootfs']);
  const result = await runPipe('ssh root@node sh', {
    env: node.env,
    input: `osctl ct mount 101 && zfs get -H -o value mounted tank/ct/101 tank/ct/101/var
      install -d ${root}/sbin && touch ${root}/sbin/init`,
  });
  assert.deepEqual([result.code, result.stdout], [0, 'yes\nyes\n']);
  assert.equal(receive(node, `transfer ${token} start`).code, 0);
  for (let tries = 0; showContainer(node)?.['state'] !== 'running'; tries += 1) {
    assert.ok(tries < 100, node.daemonLog());
    await sleep(100);
  }
  assert.doesNotMatch(readFileSync(join(node.dir, 'tank/conf/ct/101.yml'), 'utf8'), /token/);
});

test('the newer dialect may map ids at the mount', (t) => {
  const node = startNode(t);
  if (!node) return;
  node.set('newer', '');
  stage(t, node, { version: '2', config: { map_mode: 'native' } });
  assert.equal(showContainer(node)?.['map_mode'], 'native');
  const properties = JSON.parse(readFileSync(join(node.dir, 'zfs/tank/ct/101/.properties'), 'utf8'));
  assert.deepEqual([properties.uidmap, properties.gidmap], ['none', 'none']);
});

const MAPS = JSON.stringify({ uid_map: ['0:666000:65536'], gid_map: ['0:666000:65536'] });

function startNode(t: TestContext): VpsAdminOsNode | undefined {
  return needs(t, 'ruby', 'sshd', 'ssh') ? startVpsAdminOsNode(t) : undefined;
}

function users(node: VpsAdminOsNode): string[] {
  return node.osctl(['user', 'ls', '-H', '-o', 'name']).stdout.split('\n').filter(Boolean);
}

/** `text` is what comes after `Error: `. */
function fails(result: CommandResult, text: string): void {
  assert.deepEqual([result.code, result.stdout, result.stderr], [1, '', `Error: ${text}\n`]);
}
