import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SshTarget } from '../../lib/documents/source.ts';
import type { VzError } from '../../lib/errors.ts';
import { openHost } from '../../lib/host/open.ts';
import { run } from '../../lib/host/run.ts';
import { needs } from '../support/needs.ts';
import type { Sshd } from '../support/sshd.ts';
import { makeKey, publicKey, startSshd, usePath } from '../support/sshd.ts';

/** What a refused connection says; null when it came about. Each has a target of its own, and so a connection. */
let count = 0;
async function attempt(
  sshd: Sshd,
  client: SshTarget['client'],
  changes: Partial<SshTarget> = {},
): Promise<VzError | null> {
  count += 1;
  const options = [`ServerAliveCountMax=${count}`];
  const said: string[] = [];
  const host = openHost(sshd.target(client, { options, ...changes }), (line) => said.push(line));
  const result = await run(host, ['echo', 'in']).catch((error: VzError) => error);
  if (result instanceof Error) {
    assert.deepEqual(said, []);
    return result;
  }
  assert.equal(result.stdout.toString(), 'in\n');
  return null;
}

const fingerprintOf = (file: string): string =>
  execFileSync('ssh-keygen', ['-lf', `${file}.pub`], { encoding: 'utf8' }).split(' ')[1] ?? '';

for (const client of ['openssh', 'builtin'] as const) {
  test(`${client}: a key is known by name, pattern or hash, among several`, async (t) => {
    if (!needs(t, 'sshd', 'ssh')) return;
    const sshd = await startSshd(t, { hostKeys: ['ed25519'] });
    usePath(t, sshd.clientBin);
    const key = sshd.hostKey();
    makeKey(join(sshd.dir, 'other'), 'ed25519');
    const other = publicKey(join(sshd.dir, 'other'));
    for (const text of [
      `node ${key}\n`,
      `a,no*,!nothing ${key}\n`,
      `node ${other}\nnode ${key}\n`,
      `# comment\n\nother ${other}\n*d? ${key}`,
    ]) {
      writeFileSync(sshd.knownHosts, text);
      assert.equal(await attempt(sshd, client), null, text);
    }
    writeFileSync(sshd.knownHosts, `node ${key}\n`);
    execFileSync('ssh-keygen', ['-q', '-H', '-f', sshd.knownHosts], { stdio: 'ignore' });
    assert.match(readFileSync(sshd.knownHosts, 'utf8'), /^\|1\|/);
    assert.equal(await attempt(sshd, client), null);
  });

  test(`${client}: an unknown key is refused, and says how to add it`, async (t) => {
    if (!needs(t, 'sshd', 'ssh')) return;
    const sshd = await startSshd(t);
    usePath(t, sshd.clientBin);
    const key = sshd.hostKey();
    for (const text of ['', `other ${key}\n`, `*,!node ${key}\n`, `@cert-authority node ${key}\n`]) {
      writeFileSync(sshd.knownHosts, text);
      const error = await attempt(sshd, client);
      assert.equal(error?.exit, 77, text);
      assert.match(error.line, /--host-key-checking accept-new/);
      if (client === 'builtin') assert.ok(error.line.includes(fingerprintOf(join(sshd.dir, 'host_ed25519'))));
      assert.equal(readFileSync(sshd.knownHosts, 'utf8'), text);
    }
    assert.doesNotMatch(sshd.log(), /Accepted/);
  });

  test(`${client}: a changed key is refused, also with accept-new`, async (t) => {
    if (!needs(t, 'sshd', 'ssh')) return;
    const sshd = await startSshd(t);
    usePath(t, sshd.clientBin);
    const old = join(sshd.dir, 'old');
    makeKey(old, 'ed25519');
    const text = `node ${publicKey(old)}\n`;
    writeFileSync(sshd.knownHosts, text);
    for (const hostKeyChecking of ['yes', 'accept-new'] as const) {
      const error = await attempt(sshd, client, { hostKeyChecking, options: [] });
      assert.equal(error?.exit, 77);
      assert.match(error.line, /CHANGED/);
      if (client === 'builtin') {
        assert.ok(error.line.includes(fingerprintOf(join(sshd.dir, 'host_ed25519'))));
        assert.ok(error.line.includes(`${fingerprintOf(old)} (${sshd.knownHosts}:1)`));
      }
    }
    assert.equal(readFileSync(sshd.knownHosts, 'utf8'), text);
    assert.doesNotMatch(sshd.log(), /Accepted/);
  });

  test(`${client}: a revoked key is refused, though it is known`, async (t) => {
    if (!needs(t, 'sshd', 'ssh')) return;
    const sshd = await startSshd(t);
    usePath(t, sshd.clientBin);
    appendFileSync(sshd.knownHosts, `@revoked * ${sshd.hostKey()}\n`);
    for (const hostKeyChecking of ['yes', 'accept-new'] as const) {
      const error = await attempt(sshd, client, { hostKeyChecking, options: [] });
      assert.equal(error?.exit, 77);
      assert.match(error.line, /do not connect/);
      if (client === 'builtin') assert.match(error.line, /is revoked \(.*known_hosts:2\)/);
    }
    assert.doesNotMatch(sshd.log(), /Accepted/);
  });

  test(`${client}: accept-new adds the key, says so, and has it the next time`, async (t) => {
    if (!needs(t, 'sshd', 'ssh')) return;
    const sshd = await startSshd(t);
    usePath(t, sshd.clientBin);
    // OpenSSH does not look whether the last line has ended.
    writeFileSync(sshd.knownHosts, client === 'builtin' ? '# no newline at the end' : '# a comment\n');
    const said: string[] = [];
    const options = ['HashKnownHosts=no'];
    const host = openHost(sshd.target(client, { hostKeyChecking: 'accept-new', options }), (line) =>
      said.push(line),
    );
    await run(host, ['true']);
    assert.equal(said.length, 1, said.join('\n'));
    assert.match(said[0] ?? '', /root@node: .*ed25519/i);
    const lines = readFileSync(sshd.knownHosts, 'utf8').split('\n');
    assert.ok(lines.includes(`node ${sshd.hostKey()}`), lines.join('\n'));
    assert.equal(await attempt(sshd, client), null);
  });

  test(`${client}: of a server's keys the one is asked for that is known`, async (t) => {
    if (!needs(t, 'sshd', 'ssh')) return;
    const sshd = await startSshd(t, { hostKeys: ['ed25519', 'ecdsa', 'rsa'] });
    usePath(t, sshd.clientBin);
    for (const type of ['ed25519', 'ecdsa', 'rsa'] as const) {
      writeFileSync(sshd.knownHosts, `node ${sshd.hostKey(type)}\n`);
      assert.equal(await attempt(sshd, client), null, type);
    }
  });

  test(`${client}: a key of another type than the known one is refused, also with accept-new`, async (t) => {
    if (!needs(t, 'sshd', 'ssh')) return;
    const sshd = await startSshd(t, { hostKeys: ['ed25519'] });
    usePath(t, sshd.clientBin);
    makeKey(join(sshd.dir, 'old'), 'ecdsa');
    writeFileSync(sshd.knownHosts, `node ${publicKey(join(sshd.dir, 'old'))}\n`);
    const error = await attempt(sshd, client, { hostKeyChecking: 'accept-new', options: [] });
    assert.equal(error?.exit, 77);
    assert.match(error.line, /CHANGED/);
  });
}

test('builtin: an accepted key is hashed where ssh_config says so', async (t) => {
  if (!needs(t, 'sshd', 'ssh')) return;
  const sshd = await startSshd(t);
  usePath(t, sshd.clientBin);
  writeFileSync(sshd.knownHosts, '');
  const options = ['HashKnownHosts=yes'];
  await run(
    openHost(sshd.target('builtin', { hostKeyChecking: 'accept-new', options }), () => {}),
    ['true'],
  );
  assert.match(readFileSync(sshd.knownHosts, 'utf8'), /^\|1\|\S+ ssh-ed25519 \S+\n$/);
  assert.equal(await attempt(sshd, 'openssh'), null, 'OpenSSH reads what was written');
});
