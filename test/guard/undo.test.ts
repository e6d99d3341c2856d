import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { quoteArgv } from '../../lib/host/quote.ts';
import { isRunning, killGuards, setUp } from '../support/guards.ts';

/** Appends a word to a file each time it is undone. */
const note = (file: string, word: string): string => `echo ${word} >>${quoteArgv([file])}`;

test('what was noted is undone at the end, the last first', async (t) => {
  const { node, lockDir, start } = setUp(t);
  const { dir } = node;
  const file = join(dir, "a name with '$blanks");
  const guard = await start();
  for (const word of ['one', 'two', 'three']) await guard.undo(note(file, word));
  assert.equal(existsSync(file), false);
  assert.equal(await guard.release(), undefined);
  assert.equal(readFileSync(file, 'utf8'), 'three\ntwo\none\n');
  assert.deepEqual(readdirSync(lockDir), []);
});

test('a container that is down is started first, and then all is undone', async (t) => {
  const { node, start } = setUp(t);
  const { dir } = node;
  const file = join(dir, 'undone');
  const guard = await start();
  await guard.undo(`vzctl status 101 >>${quoteArgv([file])}`);
  await guard.stop();
  await guard.release();
  assert.match(readFileSync(file, 'utf8'), /running/);
  assert.ok(isRunning(node));
});

test('what a guard that was killed has left is undone by the next one', async (t) => {
  const { node, lockDir, start } = setUp(t);
  const { dir } = node;
  const file = join(dir, 'undone');
  const guard = await start();
  await guard.undo(note(file, 'one'));
  await killGuards(lockDir);
  await guard.release();
  assert.equal(existsSync(file), false);
  const next = await start();
  assert.equal(readFileSync(file, 'utf8'), 'one\n');
  assert.equal(await next.release(), undefined);
  assert.deepEqual(readdirSync(lockDir), []);
});

test('what cannot be undone is said and kept, keeps nobody from beginning, and is undone later', async (t) => {
  const { node, lockDir, start } = setUp(t);
  const { dir } = node;
  const there = join(dir, 'there');
  const guard = await start({ limitSeconds: 1 });
  await guard.undo(`test -d ${quoteArgv([there])}`);
  const complaint = await guard.release();
  assert.equal(complaint?.code, 'LEFT_BEHIND');
  assert.match(complaint?.line ?? '', /could not undo: test -d/);
  const next = await start({ limitSeconds: 1 });
  assert.equal((await next.release())?.code, 'LEFT_BEHIND', 'it is no reason not to begin');
  mkdirSync(there);
  const last = await start();
  assert.equal(await last.release(), undefined);
  assert.deepEqual(readdirSync(lockDir), []);
});

test('what cannot be undone keeps nothing else from being undone', async (t) => {
  const { node, lockDir, start } = setUp(t);
  const { dir } = node;
  const file = join(dir, 'undone');
  const there = join(dir, 'there');
  const guard = await start({ limitSeconds: 1 });
  for (const line of [note(file, 'one'), `test -d ${quoteArgv([there])}`, note(file, 'three')])
    await guard.undo(line);
  assert.equal((await guard.release())?.code, 'LEFT_BEHIND');
  assert.equal(readFileSync(file, 'utf8'), 'three\none\n');
  mkdirSync(there);
  assert.equal(await (await start()).release(), undefined);
  assert.equal(readFileSync(file, 'utf8'), 'three\none\n');
  assert.deepEqual(readdirSync(lockDir), []);
});

test('an undo with backslashes is told as one line, as it is', async (t) => {
  const { start } = setUp(t);
  const guard = await start({ limitSeconds: 1 });
  await guard.undo("printf 'a\\nb\\c'; false");
  assert.match((await guard.release())?.line ?? '', /could not undo: printf 'a\\nb\\c'; false/);
});

test('a step is tried again while something is still busy', async (t) => {
  const { node, start } = setUp(t);
  const { dir } = node;
  const there = join(dir, 'there');
  const guard = await start();
  await guard.undo(`test -d ${quoteArgv([there])}`);
  const released = guard.release();
  await sleep(1500);
  mkdirSync(there);
  assert.equal(await released, undefined);
});

test('a line that would not be one is refused', async (t) => {
  const { start } = setUp(t);
  const guard = await start();
  await assert.rejects(guard.undo('true\nreboot'), { code: 'UNDO_TOO_LONG' });
  await assert.rejects(guard.undo(`echo ${'x'.repeat(4000)}`), { code: 'UNDO_TOO_LONG' });
  assert.equal(await guard.release(), undefined);
});
