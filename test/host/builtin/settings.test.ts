import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { SshTarget } from '../../../lib/documents/source.ts';
import { VzError } from '../../../lib/errors.ts';
import { readSshConfig } from '../../../lib/host/builtin/read-config.ts';
import type { Settings } from '../../../lib/host/builtin/settings.ts';
import { makeSettings } from '../../../lib/host/builtin/settings.ts';
import { needs } from '../../support/needs.ts';

const TARGET: SshTarget = {
  ...{ client: 'builtin', user: null, name: 'vz6', port: null, identity: null },
  ...{ legacy: false, options: [] },
};

/** The settings by `ssh -G`, and those by the files alone; the home directory is one of the test. */
async function bothWays(
  t: TestContext,
  config: string,
  changes: Partial<SshTarget> = {},
): Promise<Settings[]> {
  const home = mkdtempSync(join(tmpdir(), 'vz2osctl-home-'));
  t.after(() => rmSync(home, { recursive: true }));
  mkdirSync(join(home, '.ssh'));
  writeFileSync(join(home, '.ssh/config'), config);
  mkdirSync(join(home, 'with'));
  const ssh = execFileSync('sh', ['-c', 'command -v ssh'], { encoding: 'utf8' }).trim();
  // ssh(1) takes the home directory from the password file.
  writeFileSync(join(home, 'with/ssh'), `#!/bin/sh\nexec ${ssh} -F ${home}/.ssh/config "$@"\n`, {
    mode: 0o755,
  });
  const before = { PATH: process.env['PATH'], HOME: process.env['HOME'] };
  const settings: Settings[] = [];
  try {
    process.env['HOME'] = home;
    for (const path of [`${join(home, 'with')}:${before.PATH}`, '/nowhere']) {
      process.env['PATH'] = path;
      const target = { ...TARGET, ...changes };
      settings.push(makeSettings(target, await readSshConfig(target)));
    }
  } finally {
    Object.assign(process.env, before);
  }
  return settings;
}

test('ssh_config is read alike with ssh and without', async (t) => {
  if (!needs(t, 'ssh')) return;
  const config = `
Host other
  Port 1
Host vz*  !vz7
  HostName node.%h.example.com
  User admin
  Port 2222
  IdentityFile /keys/%h-%p-%r
  IdentityFile "/keys/with space"
  IdentitiesOnly yes
  IdentityAgent /run/agent
  UserKnownHostsFile /known/one /known/%n
  GlobalKnownHostsFile /known/global
  ConnectTimeout 7
  ServerAliveCountMax 5
  AddressFamily inet
  Ciphers aes256-ctr,aes128-ctr,3des-cbc
Host *
  User nobody
  Port 3
`;
  for (const settings of await bothWays(t, config, {
    options: ['Compression=yes', 'ServerAliveCountMax=4'],
  })) {
    const { hostName, port, user, knownAs, identityFiles, identitiesOnly, agent, userKnownHosts } = settings;
    assert.deepEqual([hostName, port, user], ['node.vz6.example.com', 2222, 'admin']);
    assert.equal(knownAs, '[node.vz6.example.com]:2222');
    assert.deepEqual(identityFiles, ['/keys/node.vz6.example.com-2222-admin', '/keys/with space']);
    assert.equal(identitiesOnly, true);
    assert.equal(agent, '/run/agent');
    assert.deepEqual(userKnownHosts, ['/known/one', '/known/vz6']);
    assert.deepEqual(settings.globalKnownHosts, ['/known/global']);
    assert.equal(settings.connectTimeoutMs, 7000);
    assert.equal(settings.aliveCount, 4, 'an option counts before the file');
    assert.equal(settings.aliveIntervalMs, 15_000);
    assert.equal(settings.compression, true);
    assert.equal(settings.family, 4);
    assert.deepEqual(settings.algorithms.cipher, ['aes128-ctr', 'aes256-ctr']);
  }
});

test('without a config: names, ports, defaults', async (t) => {
  if (!needs(t, 'ssh')) return;
  const changes = { user: 'root', name: 'Node.Example', identity: '/keys/absent' };
  for (const settings of await bothWays(t, '', changes)) {
    assert.equal(settings.user, 'root');
    assert.equal(settings.knownAs, 'node.example');
    assert.equal(settings.identityFiles[0], '/keys/absent');
    assert.equal(settings.connectTimeoutMs, 20_000);
    assert.ok(!settings.algorithms.serverHostKey.includes('ssh-rsa'));
    assert.ok(!settings.algorithms.hmac.includes('hmac-sha1'), 'though it is a default of OpenSSH');
  }
  for (const settings of await bothWays(t, '', { legacy: true, port: 2022 })) {
    assert.equal(settings.knownAs, '[vz6]:2022');
    assert.equal(settings.algorithms.serverHostKey.at(-1), 'ssh-rsa');
    assert.ok(settings.algorithms.kex.includes('diffie-hellman-group14-sha1'));
    assert.ok(settings.algorithms.cipher.includes('aes128-cbc'));
    assert.ok(settings.algorithms.hmac.includes('hmac-sha1'));
  }
});

test('what would change the way to the host, or the keys that are good, is refused and not left out', async (t) => {
  if (!needs(t, 'ssh')) return;
  for (const line of ['ProxyJump jump', 'ProxyCommand nc %h %p', 'RevokedHostKeys /keys/revoked']) {
    await assert.rejects(
      bothWays(t, `Host vz6\n  ${line}\n`),
      (error) => error instanceof VzError && error.exit === 69 && /use --ssh openssh$/.test(error.line),
      line,
    );
  }
});
