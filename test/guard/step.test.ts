import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { doStep } from '../../lib/guard/step.ts';
import { quoteArgv } from '../../lib/host/quote.ts';
import { nodeHost, setUp } from '../support/guards.ts';

test('a step is done, its exit code is told, and the guard undoes it at the end', async (t) => {
  const { node, start } = setUp(t);
  const guard = await start();
  const made = join(node.dir, "made with '$blanks");
  const undo = `rmdir ${quoteArgv([made])}`;
  assert.equal((await doStep(guard, nodeHost(node), { argv: ['mkdir', made], undo })).code, 0);
  const failed = await doStep(guard, nodeHost(node), {
    argv: ['sh', '-c', 'echo no >&2; exit 9'],
    undo: 'true',
  });
  assert.deepEqual([failed.code, failed.stderr], [9, 'no\n']);
  assert.ok(existsSync(made));
  assert.equal(await guard.release(), undefined);
  assert.ok(!existsSync(made));
});

test('a step that is still on its way is waited for before it is undone', async (t) => {
  const { node, start } = setUp(t);
  const guard = await start();
  const log = join(node.dir, 'order');
  const say = (word: string): string => `echo ${word} >>${quoteArgv([log])}`;
  const step = doStep(guard, nodeHost(node), {
    argv: ['sh', '-c', `${say('begun')}; sleep 2; ${say('done')}`],
    undo: say('undone'),
  });
  for (let tries = 0; !existsSync(log) && tries < 100; tries += 1)
    await new Promise((wake) => setTimeout(wake, 20));
  assert.equal(await guard.release(), undefined);
  await step;
  assert.equal(readFileSync(log, 'utf8'), 'begun\ndone\nundone\n');
});

test('a step that has not begun when it is undone never begins', async (t) => {
  const { node, start } = setUp(t);
  const guard = await start();
  const late = join(node.dir, 'late');
  const slow = nodeHost(node);
  // A link that is slow to say what is to be run.
  const host = {
    ...slow,
    spawn: (argv: readonly string[], options?: Parameters<typeof slow.spawn>[1]) =>
      slow.spawn(['sh', '-c', 'sleep 2; exec "$@"', 'sh', ...argv], options),
  };
  const step = doStep(guard, host, { argv: ['touch', late], undo: 'true' });
  await new Promise((wake) => setTimeout(wake, 500));
  assert.equal(await guard.release(), undefined);
  assert.equal((await step).code, 75);
  assert.ok(!existsSync(late));
});

test('a step goes on when nobody hears it any more', async (t) => {
  const { node, start } = setUp(t);
  const guard = await start();
  const ended = join(node.dir, 'ended');
  const near = nodeHost(node);
  // As when sshd has gone.
  const deaf: typeof near = {
    ...near,
    spawn: (argv, options) => near.spawn(['sh', '-c', '"$@" 2>&1 | true', 'sh', ...argv], options),
  };
  const argv = ['sh', '-c', 'sleep 0.3; echo one; echo two >&2; touch "$1"', 'sh', ended];
  await doStep(guard, deaf, { argv, undo: 'true' });
  assert.ok(existsSync(ended));
  assert.equal(await guard.release(), undefined);
});
