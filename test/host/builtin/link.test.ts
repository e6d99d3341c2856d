import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { localHost } from '../../../lib/host/local.ts';
import { openHost } from '../../../lib/host/open.ts';
import { run } from '../../../lib/host/run.ts';
import { needs } from '../../support/needs.ts';
import { startSshd, usePath } from '../../support/sshd.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';

const logins = (log: string): number => log.match(/Accepted publickey/g)?.length ?? 0;

test('one connection for all commands, however often the host is opened; more than MaxSessions wait', async (t) => {
  if (!needs(t, 'sshd', 'ssh')) return;
  const sshd = await startSshd(t, { config: ['MaxSessions 3'] });
  usePath(t, sshd.clientBin);
  const say = async (index: number): Promise<string> => {
    const host = openHost(sshd.target('builtin'), assert.fail);
    return (await run(host, ['sh', '-c', `sleep 0.2; echo ${index}`])).stdout.toString().trim();
  };
  const said = await Promise.all(Array.from({ length: 12 }, (_, index) => say(index)));
  assert.deepEqual(
    said,
    Array.from({ length: 12 }, (_, index) => String(index)),
  );
  assert.equal(await say(99), '99');
  assert.equal(logins(sshd.log()), 1);
});

test('a server that opens no session at all is a clear error', async (t) => {
  if (!needs(t, 'sshd', 'ssh')) return;
  const sshd = await startSshd(t, { config: ['MaxSessions 0'] });
  usePath(t, sshd.clientBin);
  const host = openHost(sshd.target('builtin'), assert.fail);
  await assert.rejects(run(host, ['true']), { code: 'NO_SESSION', exit: 69 });
});

test('a lost connection ends what runs on it, and the next command makes a new one', async (t) => {
  if (!needs(t, 'sshd', 'ssh')) return;
  const sshd = await startSshd(t);
  usePath(t, sshd.clientBin);
  const proxy = await startTcpProxy(t, sshd.port);
  const host = openHost(sshd.target('builtin', { port: proxy.port }), assert.fail);
  const children = [
    host.spawn(['sh', '-c', 'echo a; exec cat'], { stdin: 'pipe' }),
    host.spawn(['sh', '-c', 'echo b; sleep 9']),
  ];
  for (const child of children) await once(child.stdout, 'readable');
  for (const child of children) child.stdout.resume();
  proxy.cut();
  for (const child of children) await assert.rejects(child.done, { code: 'HOST_UNREACHABLE', exit: 69 });
  const [first] = children;
  assert.ok(first);
  await new Promise<void>((resolve) => first.stdin.write('x', (error) => resolve(assert.ok(error))));
  assert.equal((await run(host, ['echo', 'again'])).stdout.toString(), 'again\n');
  assert.equal(logins(sshd.log()), 2);
});

test('keys are exchanged anew in the middle of a stream, both ways', async (t) => {
  if (!needs(t, 'sshd', 'ssh')) return;
  const sshd = await startSshd(t, { config: ['RekeyLimit 1M'] });
  usePath(t, sshd.clientBin);
  const host = openHost(sshd.target('builtin'), assert.fail);
  const input = Buffer.from(Array.from({ length: 12_000_000 }, (_, index) => (index * 7) % 253));
  assert.ok((await run(host, ['cat'], { input })).stdout.equals(input));
});

test('a program ends by itself once its work is done, and has used one connection', async (t) => {
  if (!needs(t, 'sshd', 'ssh')) return;
  const sshd = await startSshd(t);
  writeFileSync(join(sshd.dir, '101.conf'), 'OSTEMPLATE="debian"\n');
  writeFileSync(join(sshd.dir, '102.conf'), 'OSTEMPLATE="debian"\n');
  usePath(t, sshd.clientBin);
  const argv = [
    'dist/bin/vz-parse-config',
    '--ssh',
    'builtin',
    '--identity',
    sshd.identity,
    '--facts',
    'none',
  ];
  const child = localHost.spawn([...argv, '--conf-dir', sshd.dir, 'node:101', 'node:102']);
  let atMs = 0;
  let stdout = '';
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    stdout += chunk.toString();
    atMs = performance.now();
  }
  const exit = await child.done;
  assert.equal(exit.code, 0, exit.stderr);
  assert.ok(performance.now() - atMs < 3000, 'it did not stay for the connection');
  const [document] = stdout.split('\n').map((line) => (line === '' ? null : JSON.parse(line)));
  assert.deepEqual(document.source.host, {
    ...{ client: 'builtin', user: null, name: 'node', port: null, identity: sshd.identity },
    ...{ legacy: false, options: [] },
  });
  assert.equal(logins(sshd.log()), 1);
});
