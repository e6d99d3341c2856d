import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { Connection } from 'ssh2';
import { Server } from 'ssh2';
import type { VzError } from '../../lib/errors.ts';
import { openHost } from '../../lib/host/open.ts';
import { run } from '../../lib/host/run.ts';
import { needs } from '../support/needs.ts';
import { makeKey, publicKey, startSshd, usePath } from '../support/sshd.ts';

/** What sshd_config must say for a server to have nothing newer, by what the message calls it. */
const OLD = [
  ['type of host key', 'HostKeyAlgorithms ssh-rsa', 'ssh-rsa', 'rsa-sha2-256', 77],
  [
    'key exchange method',
    'KexAlgorithms diffie-hellman-group14-sha1',
    'diffie-hellman-group14-sha1',
    'curve25519-sha256',
    69,
  ],
  ['cipher', 'Ciphers aes128-cbc', 'aes128-cbc', 'aes128-gcm@openssh.com', 69],
] as const;

for (const client of ['openssh', 'builtin'] as const) {
  for (const [kind, line, theirs, ours, exit] of OLD) {
    test(`${client}: a server with an old ${kind} is let in with --legacy only, which the message names`, async (t) => {
      if (!needs(t, 'sshd', 'ssh')) return;
      const sshd = await startSshd(t, { hostKeys: ['rsa'], config: [line] });
      usePath(t, sshd.clientBin);
      const open = (legacy: boolean) => openHost(sshd.target(client, { legacy }), assert.fail);
      await assert.rejects(run(open(false), ['true']), (error: VzError) => {
        assert.equal(error.exit, exit, error.line);
        assert.match(error.line, /--legacy/);
        assert.ok(error.line.includes(theirs), error.line);
        assert.ok(error.line.includes(ours), error.line);
        assert.doesNotMatch(error.line, /\n/);
        return true;
      });
      assert.equal((await run(open(true), ['echo', 'in'])).stdout.toString(), 'in\n');
    });
  }
}

test('builtin: hmac-sha1 is let in with --legacy only, which the message names', async (t) => {
  if (!needs(t, 'sshd', 'ssh')) return;
  const config = ['Ciphers aes128-ctr', 'MACs hmac-sha1'];
  const sshd = await startSshd(t, { config });
  usePath(t, sshd.clientBin);
  const open = (legacy: boolean) => openHost(sshd.target('builtin', { legacy }), assert.fail);
  await assert.rejects(run(open(false), ['true']), (error: VzError) => {
    assert.match(
      error.line,
      /no MAC in common: the server offers hmac-sha1; we offer hmac-sha2-256.*--legacy/,
    );
    return error.exit === 69;
  });
  assert.equal((await run(open(true), ['echo', 'in'])).stdout.toString(), 'in\n');
});

for (const client of ['openssh', 'builtin'] as const) {
  test(`${client}: what --legacy does not let in either is refused without naming it`, async (t) => {
    if (!needs(t, 'sshd', 'ssh')) return;
    const sshd = await startSshd(t, { config: ['KexAlgorithms diffie-hellman-group1-sha1'] });
    usePath(t, sshd.clientBin);
    for (const legacy of [false, true]) {
      await assert.rejects(
        run(openHost(sshd.target(client, { legacy }), assert.fail), ['true']),
        (error: VzError) => {
          assert.doesNotMatch(error.line, /--legacy/);
          return error.exit === 69;
        },
      );
    }
  });

  test(`${client}: an RSA key towards a server that knows SHA-1 only`, async (t) => {
    if (!needs(t, 'ssh', 'ssh-keygen')) return;
    const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-legacy-'));
    t.after(() => rmSync(dir, { recursive: true }));
    makeKey(join(dir, 'id'), 'rsa');
    makeKey(join(dir, 'host'), 'rsa');
    const { port, algorithms } = await startOldServer(t, join(dir, 'host'));
    const knownHosts = join(dir, 'known_hosts');
    writeFileSync(knownHosts, `[127.0.0.1]:${port} ${publicKey(join(dir, 'host'))}\n`);
    const options = [`UserKnownHostsFile=${knownHosts}`, 'IdentitiesOnly=yes', 'IdentityAgent=none'];
    const target = { client, user: 'root', name: '127.0.0.1', port, identity: join(dir, 'id'), options };
    await assert.rejects(
      run(openHost({ ...target, legacy: false }, assert.fail), ['x']),
      (error: VzError) => {
        if (client === 'builtin')
          assert.match(error.line, /would have to sign with SHA-1 \(ssh-rsa\): see --legacy/);
        return error.exit === 77;
      },
    );
    assert.deepEqual(algorithms, [], 'nothing was signed');
    assert.equal(
      (await run(openHost({ ...target, legacy: true }, assert.fail), ['x'])).stdout.toString(),
      'in',
    );
    assert.deepEqual(algorithms, ['ssh-rsa']);
  });
}

/** A server without the extension of RFC 8308, as those before OpenSSH 7.2; it tells with what keys have signed. */
async function startOldServer(
  t: TestContext,
  hostKey: string,
): Promise<{ port: number; algorithms: string[] }> {
  const algorithms: string[] = [];
  const connections: Connection[] = [];
  // ssh2 has no switch for it. It calls this all through the handshake, and so also before it would send the extension.
  const debug = (): void => {
    for (const connection of connections) {
      const exchange: unknown = Reflect.get(Reflect.get(connection, '_protocol') ?? {}, '_kex');
      if (typeof exchange === 'object' && exchange !== null)
        Reflect.set(exchange, 'remoteExtInfoEnabled', false);
    }
  };
  const server = new Server({ hostKeys: [readFileSync(hostKey)], debug }, (client) => {
    connections.push(client);
    client.on('authentication', (context) => {
      if (context.method !== 'publickey') return context.reject(['publickey']);
      if (context.signature) algorithms.push(context.key.algo);
      context.accept();
    });
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec) => {
        const stream = acceptExec();
        stream.exit(0);
        stream.end('in');
      });
    });
    client.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const connection of connections) connection.end();
    server.close();
  });
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return { port: address.port, algorithms };
}
