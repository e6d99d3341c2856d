import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough, Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { Io } from '../../lib/cli/io.ts';
import { joinStages, type Stage } from '../../lib/cli/join.ts';
import { Log } from '../../lib/cli/log.ts';
import { VzError } from '../../lib/errors.ts';

function ioInto(stdout: Writable, signal = new AbortController().signal): Io {
  const stderr = new Writable({ write: (_chunk, _encoding, done) => done() });
  return {
    stdin: Readable.from([]),
    stdout,
    stdinIsTty: true,
    stdoutIsTty: true,
    stderrIsTty: false,
    stdoutIsPipe: true,
    signal,
    abort: () => {},
    env: {},
    log: new Log({ program: 'test', stderr, level: 'info' }),
  };
}

const upper: Stage = async ({ stdin, stdout }) => {
  for await (const chunk of stdin) stdout.write(String(chunk).toUpperCase());
  return 0;
};
const waits: Stage = async ({ signal }) => {
  signal.throwIfAborted();
  await once(signal, 'abort');
  throw signal.reason;
};

test('data flows through, and only the ends are those of the program', async () => {
  const stdout = new PassThrough();
  const seen: boolean[][] = [];
  const looks: Stage = async (io) => {
    seen.push([io.stdinIsTty, io.stdoutIsTty]);
    return upper(io);
  };
  await joinStages(ioInto(stdout), Readable.from(['a', 'b']), [looks, looks]);
  stdout.end();
  assert.equal(await text(stdout), 'AB');
  assert.deepEqual(seen, [
    [false, false],
    [false, true],
  ]);
});

for (const place of [0, 1]) {
  test(`stage ${place} fails: the other one is aborted, and its error is thrown`, async () => {
    const error = new VzError('FULL', { exit: 74, what: 'full' });
    const fails: Stage = async () => {
      throw error;
    };
    const stages = place === 0 ? [fails, waits] : [waits, fails];
    await assert.rejects(joinStages(ioInto(new PassThrough()), Readable.from([]), stages), error);
  });
}

test('a stage that ends the run gives the reason; all have ended then', async () => {
  const error = new VzError('STALLED', { exit: 74, what: 'stalled' });
  let hasCleanedUp = false;
  const stalls: Stage = async (io) => {
    io.abort(error);
    await new Promise((resolve) => setTimeout(resolve, 50));
    hasCleanedUp = true;
    io.signal.throwIfAborted();
    return 0;
  };
  await assert.rejects(joinStages(ioInto(new PassThrough()), Readable.from([]), [stalls, waits]), error);
  assert.ok(hasCleanedUp);
});

test('a signal from outside aborts all', async () => {
  const controller = new AbortController();
  const joined = joinStages(ioInto(new PassThrough(), controller.signal), Readable.from([]), [waits, waits]);
  const reason = new VzError('INTERRUPTED', { exit: 130, what: 'stopped' });
  controller.abort(reason);
  await assert.rejects(joined, reason);
});
