import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readerHost } from '../../lib/guard/reader.ts';
import { run } from '../../lib/host/run.ts';
import { killGuards, nodeHost, setUp } from '../support/guards.ts';
import { processesNaming } from '../support/programs.ts';

/** Writes into a pipe that nobody reads, as two processes. */
const stuck = (mark: string): string[] => ['sh', '-c', `yes ${mark} | cat`];

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries += 1) {
    assert.ok(tries < 200);
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

test('a reader is run as it is: words, output, exit code', async (t) => {
  const { node, start } = setUp(t);
  const guard = await start();
  const host = readerHost(nodeHost(node), guard);
  const result = await run(host, [
    'sh',
    '-c',
    'printf "%s|" "$@"; echo no >&2; exit 9',
    'sh',
    'a b',
    "it's",
    '',
  ]);
  assert.deepEqual([result.stdout.toString(), result.stderr, result.code], ["a b|it's||", 'no\n', 9]);
  assert.equal(await guard.release(), undefined);
});

test('readers that wait for ever are ended with all that they have started', async (t) => {
  const { node, lockDir, start } = setUp(t);
  const guard = await start();
  const host = readerHost(nodeHost(node), guard);
  const mark = join(node.dir, 'stuck');
  const [one, other] = [host.spawn(stuck(mark)), host.spawn(stuck(mark))];
  await until(() => processesNaming(mark).length >= 4);
  assert.equal(await guard.release(), undefined);
  await until(() => processesNaming(mark).length === 0);
  one.stdout.resume();
  other.stdout.resume();
  for (const exit of await Promise.all([one.done, other.done])) assert.equal(exit.signal, 'SIGKILL');
  assert.deepEqual(readdirSync(lockDir), []);
});

test('a reader that comes too late does not begin', async (t) => {
  const { node, start } = setUp(t);
  const guard = await start();
  const host = readerHost(nodeHost(node), guard);
  await guard.release();
  const late = await run(host, ['echo', 'began']);
  assert.deepEqual([late.stdout.toString(), late.code], ['', 75]);
});

test('readers of a guard that was killed are ended by the next one', async (t) => {
  const { node, lockDir, start } = setUp(t);
  const guard = await start();
  const reader = readerHost(nodeHost(node), guard).spawn(stuck(join(node.dir, 'stuck')));
  await until(() => processesNaming(join(node.dir, 'stuck')).length > 0);
  await killGuards(lockDir);
  await guard.release();
  const next = await start();
  reader.stdout.resume();
  assert.equal((await reader.done).signal, 'SIGKILL');
  assert.equal(await next.release(), undefined);
});

test('a process that has got the pid of a reader is left alone', async (t) => {
  const { node, start } = setUp(t);
  const guard = await start();
  const host = nodeHost(node);
  const other = host.spawn(['sh', '-c', 'echo $$; sleep 60'], { stdin: 'none' });
  const [pid] = await new Promise<[string]>((read) =>
    other.stdout.once('data', (data) => read([String(data)])).resume(),
  );
  await run(host, ['sh', '-c', 'echo "$1" >"$2/reader-of-another"', 'sh', pid.trim(), guard.stateDir]);
  assert.equal(await guard.release(), undefined);
  assert.ok(process.kill(Number(pid), 0));
  await other.kill();
});
