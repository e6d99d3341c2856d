import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VzError } from '../../lib/errors.ts';
import type { Host } from '../../lib/host/host.ts';
import { localHost } from '../../lib/host/local.ts';
import { openHost } from '../../lib/host/open.ts';
import { run } from '../../lib/host/run.ts';
import { needs } from '../support/needs.ts';
import { processesNaming } from '../support/programs.ts';
import type { Sshd } from '../support/sshd.ts';
import { startSshd, usePath } from '../support/sshd.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const isLost = ({ code, exit }: VzError): boolean => code === 'HOST_UNREACHABLE' && exit === 69;

for (const client of ['openssh', 'builtin'] as const) {
  const start = async (t: TestContext, options: string[] = []): Promise<{ sshd: Sshd; host: Host }> => {
    const sshd = await startSshd(t);
    usePath(t, sshd.clientBin);
    return { sshd, host: openHost(sshd.target(client, { options }), assert.fail) };
  };

  test(`${client}: words, exit codes, signals and input arrive as they are`, async (t) => {
    if (!needs(t, 'sshd', 'ssh')) return;
    const { host } = await start(t);
    const words = ['', "it's", 'a\nb', '$(id)', '-x', '*', 'ž'];
    assert.equal((await run(host, ['printf', '%s|', ...words])).stdout.toString(), `${words.join('|')}|`);
    assert.equal((await run(host, ['sh', '-c', 'echo $LC_ALL; exit 7'])).code, 7);
    assert.equal((await run(host, ['sh', '-c', 'echo $LC_ALL'])).stdout.toString(), 'C\n');
    assert.equal((await run(host, ['cat'])).stdout.length, 0, 'children have no input of ours');
    const input = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => index % 251));
    assert.ok((await run(host, ['cat'], { input })).stdout.equals(input));
    const missing = await run(host, ['/no/such/program']);
    assert.equal(missing.code, 127);
    assert.match(missing.stderr, /no\/such\/program/);
    const killed = await run(host, ['sh', '-c', 'kill -9 $$']).catch((error: VzError) => error);
    // ssh(1) turns a signal into 255, which it also means by "no connection"; the built-in client can tell them apart.
    if (client === 'builtin')
      assert.deepEqual({ ...killed }, { code: null, signal: 'SIGKILL', stderr: '', stdout: Buffer.of() });
    else assert.ok('exit' in killed && isLost(killed));
  });

  test(`${client}: files and directories: there, absent, too large, special, forbidden`, async (t) => {
    if (!needs(t, 'sshd', 'ssh')) return;
    const { sshd, host } = await start(t);
    const file = join(sshd.dir, "a file's name");
    writeFileSync(file, 'x'.repeat(1000));
    assert.equal((await host.readFile(file, { maxBytes: 1000 }))?.length, 1000);
    await assert.rejects(
      host.readFile(file, { maxBytes: 999 }),
      ({ code }: VzError) => code === 'FILE_TOO_LARGE',
    );
    assert.equal(await host.readFile(join(sshd.dir, 'absent')), null);
    const fifo = join(sshd.dir, 'fifo');
    execFileSync('mkfifo', [fifo]);
    for (const special of [fifo, '/dev/zero', sshd.dir])
      await assert.rejects(host.readFile(special), ({ exit }: VzError) => exit === 74, special);
    const binary = join(sshd.dir, 'binary');
    writeFileSync(binary, Buffer.of(0, 10, 0, 255));
    const paths = [join(sshd.dir, 'absent'), file, binary, fifo, join(sshd.dir, 'host_ed25519')];
    const argv = ['sh', '-c', 'printf "$1"; echo said >&2; exit 7', 'sh', 'it\\000s'];
    for (const on of [host, localHost]) {
      const both = await on.readAndRun({ paths, maxBytes: 999, argv });
      assert.deepEqual([both.code, both.stderr, both.stdout.toString()], [7, 'said\n', 'it\0s']);
      assert.equal(await both.file(paths[0] ?? ''), null);
      await assert.rejects(both.file(file), ({ code }: VzError) => code === 'FILE_TOO_LARGE');
      assert.deepEqual(await both.file(binary), Buffer.of(0, 10, 0, 255));
      await assert.rejects(both.file(fifo), ({ exit }: VzError) => exit === 74);
      assert.deepEqual(await both.file(paths[4] ?? ''), readFileSync(paths[4] ?? ''));
    }
    assert.equal(await host.listDirectory(join(sshd.dir, 'absent')), null);
    assert.ok((await host.listDirectory(sshd.dir))?.includes("a file's name"));
  });

  test(`${client}: a flood on stderr neither blocks nor grows, and its lines come as they are said`, async (t) => {
    if (!needs(t, 'sshd', 'ssh')) return;
    const { host } = await start(t);
    const lines: string[] = [];
    const child = host.spawn(['sh', '-c', 'seq 300000 >&2; printf "no newline" >&2; echo out'], {
      onStderrLine: (line) => lines.push(line),
    });
    let stdout = '';
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) stdout += chunk.toString();
    const { code, stderr } = await child.done;
    assert.equal(code, 0);
    assert.equal(stdout, 'out\n');
    assert.equal(lines.length, 300_001);
    assert.equal(lines.at(-1), 'no newline');
    assert.equal(stderr.length, 65_536);
  });

  test(`${client}: a slow reader holds the far end back, also while it talks on stderr`, async (t) => {
    if (!needs(t, 'sshd', 'ssh')) return;
    const { sshd, host } = await start(t);
    const counter = join(sshd.dir, 'written');
    const script = `n=0; while [ $n -lt 400 ]; do head -c 524288 /dev/zero; n=$((n+1)); echo $n >&2; echo $n >"$1"; done`;
    const child = host.spawn(['sh', '-c', script, 'sh', counter]);
    await once(child.stdout, 'readable');
    await sleep(1500);
    const written = Number(String(await host.readFile(counter))) * 524_288;
    assert.ok(written < 24 * 1024 ** 2, `${written} bytes were let through to nobody`);
    let bytes = 0;
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) bytes += chunk.length;
    assert.equal(bytes, 400 * 524_288);
    assert.equal((await child.done).code, 0);
  });

  test(`${client}: whoever is killed, or no longer read, is gone at the far end`, async (t) => {
    if (!needs(t, 'sshd', 'ssh')) return;
    const { sshd, host } = await start(t);
    const stream = ['sh', '-c', 'cat /dev/zero', sshd.dir];
    const gone = async (): Promise<void> => {
      for (let tries = 0; processesNaming(`cat /dev/zero ${sshd.dir}`).length > 0; tries += 1) {
        if (tries > 100) assert.fail(processesNaming(sshd.dir).join('\n'));
        await sleep(50);
      }
    };
    const killed = host.spawn(stream);
    await once(killed.stdout, 'readable');
    await killed.kill();
    assert.notEqual((await killed.done).code, 0);
    await gone();

    const abort = new AbortController();
    const aborted = host.spawn(stream, { signal: abort.signal });
    await once(aborted.stdout, 'readable');
    abort.abort();
    assert.notEqual((await aborted.done).code, 0);
    await gone();

    const reader = host.spawn(['cat'], { stdin: 'pipe' });
    reader.stdin.write('x');
    await once(reader.stdout, 'readable');
    await reader.kill();
    await gone();

    const early = new AbortController();
    early.abort();
    const never = host.spawn(['cat', '/dev/zero'], { signal: early.signal });
    assert.notEqual((await never.done).code, 0);
  });

  test(`${client}: a far end that dies without a status is a lost link`, async (t) => {
    if (!needs(t, 'sshd', 'ssh')) return;
    const { host } = await start(t);
    const child = host.spawn(['sh', '-c', 'echo whole; kill -9 $PPID; sleep 1']);
    child.stdout.resume();
    await assert.rejects(child.done, isLost);
    // The next command gets a new connection.
    assert.equal((await run(host, ['echo', 'again'])).stdout.toString(), 'again\n');
  });

  test(`${client}: nobody listens, the server closes at once, or never answers`, async (t) => {
    if (!needs(t, 'ssh')) return;
    const sockets: Socket[] = [];
    const closing = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await Promise.all([once(closing, 'listening'), once(silent, 'listening')]);
    t.after(() => {
      for (const socket of sockets) socket.destroy();
      closing.close();
      silent.close();
    });
    const target = { client, user: 'root', name: '127.0.0.1', identity: null, legacy: false };
    const options = ['ConnectTimeout=1'];
    const ports = [1, ...[closing, silent].map((server) => (server.address() as AddressInfo).port)];
    for (const port of ports) {
      const host = openHost({ ...target, port, options }, assert.fail);
      const startedMs = performance.now();
      await assert.rejects(run(host, ['true']), { code: 'NOT_CONNECTED', exit: 69 }, String(port));
      assert.ok(performance.now() - startedMs < 8000);
    }
    // Whoever gives up does not have to wait for the server.
    const abort = new AbortController();
    const host = openHost(
      { ...target, port: ports.at(-1) ?? 0, options: ['ConnectTimeout=60'] },
      assert.fail,
    );
    const child = host.spawn(['true'], { signal: abort.signal });
    await sleep(500);
    const startedMs = performance.now();
    abort.abort();
    assert.equal((await child.done).signal, 'SIGTERM');
    assert.ok(performance.now() - startedMs < 2000);
  });

  test(`${client}: a link that only goes silent is given up`, async (t) => {
    if (!needs(t, 'sshd', 'ssh')) return;
    const sshd = await startSshd(t);
    usePath(t, sshd.clientBin);
    const proxy = await startTcpProxy(t, sshd.port);
    const { port } = proxy;
    const options = ['ServerAliveInterval=1', 'ServerAliveCountMax=2'];
    const host = openHost(sshd.target(client, { port, options }), assert.fail);
    const child = host.spawn(['sh', '-c', 'echo there; sleep 100']);
    await once(child.stdout, 'readable');
    child.stdout.resume();
    await sleep(3500);
    proxy.silence();
    const startedMs = performance.now();
    await assert.rejects(child.done, isLost);
    assert.ok(performance.now() - startedMs < 8000);
  });
}
