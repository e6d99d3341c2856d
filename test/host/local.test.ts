import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VzError } from '../../lib/errors.ts';
import { localHost } from '../../lib/host/local.ts';
import { run, runChecked } from '../../lib/host/run.ts';

test('keeps stdout for a reader that comes late', async () => {
  const child = localHost.spawn(['sh', '-c', 'head -c 300000 /dev/zero; exit 9']);
  await sleep(300);
  let bytes = 0;
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) bytes += chunk.length;
  assert.equal(bytes, 300_000);
  assert.equal((await child.done).code, 9, 'the end of stdout is not success');
});

test('stderr is drained, handed out by the line, and kept to its last 64 KiB', async () => {
  const lines: string[] = [];
  const child = localHost.spawn(['sh', '-c', 'seq 100000 >&2; printf "no newline" >&2'], {
    onStderrLine: (line) => lines.push(line),
  });
  child.stdout.resume();
  const { stderr } = await child.done;
  assert.equal(lines.length, 100_001);
  assert.equal(lines.at(-1), 'no newline');
  assert.equal(stderr.length, 65_536);
  assert.ok(stderr.endsWith('100000\nno newline'));
});

test('a child has no stdin of ours', async () => {
  assert.equal((await run(localHost, ['cat'])).stdout.length, 0);
  assert.equal((await run(localHost, ['cat'], { input: 'text' })).stdout.toString(), 'text');
});

test('a child runs with LC_ALL=C in a session of its own', async () => {
  const { stdout } = await run(localHost, ['sh', '-c', 'echo $LC_ALL; ps -o sid= -p $$; echo $$']);
  const [locale, session, pid] = stdout.toString().split(/\s+/).filter(Boolean);
  assert.equal(locale, 'C');
  assert.equal(session, pid);
});

test('an abort ends the whole group', async () => {
  const abort = new AbortController();
  const child = localHost.spawn(['sh', '-c', 'sleep 1000 & echo $!; wait'], { signal: abort.signal });
  child.stdout.resume();
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const sleeper = Number(line.toString());
  abort.abort();
  const exit = await child.done;
  assert.equal(exit.signal, 'SIGTERM');
  await sleep(50);
  // Gone, or dead and not yet reaped by init.
  const stat = String((await localHost.readFile(`/proc/${sleeper}/stat`)) ?? ') Z ');
  assert.match(stat, /\) Z /);
});

test('a missing program is a typed error', async () => {
  await assert.rejects(
    run(localHost, ['/no/such/program']),
    (error: VzError) => error.code === 'PROGRAM_MISSING' && error.exit === 69,
  );
});

test('a failing command is an error only where it is checked', async () => {
  assert.equal((await run(localHost, ['sh', '-c', 'exit 3'])).code, 3);
  await assert.rejects(runChecked(localHost, ['sh', '-c', 'echo one >&2; echo two >&2; exit 3']), {
    message: 'this machine: sh exited with 3: two',
  });
});

test('files and directories: there, absent, forbidden', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-host-'));
  t.after(() => rmSync(dir, { recursive: true }));
  writeFileSync(join(dir, 'b'), 'text');
  writeFileSync(join(dir, 'a'), '');
  assert.equal(String(await localHost.readFile(join(dir, 'b'))), 'text');
  assert.equal(await localHost.readFile(join(dir, 'c')), null);
  assert.deepEqual(await localHost.listDirectory(dir), ['a', 'b']);
  assert.equal(await localHost.listDirectory(join(dir, 'c')), null);
  await assert.rejects(
    localHost.readFile(dir),
    (error: VzError) => error.code === 'UNREADABLE' && error.exit === 74,
  );
});
