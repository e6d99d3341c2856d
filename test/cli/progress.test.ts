import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { type Level, Log } from '../../lib/cli/log.ts';
import { Progress, type ProgressMode, progressMode, type Unit } from '../../lib/cli/progress.ts';

test('only one program of a pipe draws', () => {
  const terminal = { stderrIsTty: true, stdoutIsPipe: false };
  assert.equal(progressMode(undefined, terminal), 'bar');
  assert.equal(progressMode('auto', terminal), 'bar');
  assert.equal(progressMode('auto', { ...terminal, stdoutIsPipe: true }), 'none');
  assert.equal(progressMode('auto', { ...terminal, stderrIsTty: false }), 'none');
  assert.equal(progressMode('bar', { stderrIsTty: false, stdoutIsPipe: true }), 'bar');
  assert.equal(progressMode('none', terminal), 'none');
});

test('a bar: nothing for two seconds, then one line that other lines make room for', (t) => {
  const { progress, log, said, pass } = start(t, 'bar');
  progress.expect(4 * 2 ** 30);
  progress.add(2 ** 30);
  pass(1900);
  assert.equal(said(), '');
  pass(2100);
  assert.match(said(), /^ct 101: 1 GiB of 4 GiB, 25 %, \d+(\.\d+)? MiB\/s, \d+(\.\d+)? s left/);
  said();
  log.warning('the pool is full');
  assert.equal(said().split('\n')[0], '\r\x1b[Kvz-test: warning: the pool is full');
  progress.stop();
  assert.equal(said(), '\r\x1b[K');
  log.info('done');
  assert.equal(said(), 'vz-test: done\n', 'nothing is cleared where nothing stands');
});

test('no bar where nothing is copied and nobody knows of anything to come', (t) => {
  const { progress, said, pass } = start(t, 'bar');
  pass(2500);
  assert.equal(said(), '');
  progress.add(1);
  pass(3000);
  assert.match(said(), /^ct 101: 1 B, /);
  progress.stop();
});

test('more than was estimated: no percent', (t) => {
  const { progress, said, pass } = start(t, 'bar');
  progress.expect(100);
  progress.add(200);
  pass(2500);
  assert.match(said(), /^ct 101: 200 B, \d+ B\/s/);
  progress.stop();
});

test('json: a line a second, and a last one', (t) => {
  const { progress, said, pass } = start(t, 'json');
  progress.add(1000);
  pass(2000);
  pass(3000);
  progress.add(500);
  progress.stop();
  const rows = said().trim().split('\n');
  const [first, ...more] = rows.map((row) => JSON.parse(row));
  assert.deepEqual(Object.keys(first), ['type', 'what', 'bytes', 'totalBytes', 'elapsedMs', 'rate']);
  assert.deepEqual(
    [first.type, first.what, first.bytes, first.totalBytes],
    ['progress', 'ct 101', 1000, null],
  );
  assert.equal(more.at(-1).bytes, 1500);
});

test('json of a short run, and --quiet: nothing', (t) => {
  const short = start(t, 'json');
  short.progress.add(1);
  short.progress.stop();
  assert.equal(short.said(), '');
  const quiet = start(t, 'bar', 'error');
  quiet.pass(3000);
  quiet.progress.stop();
  assert.equal(quiet.said(), '');
});

test('a log file that cannot be written any more is said once, and ends nothing', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-log-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const logFile = join(dir, 'log');
  const { stderr, said } = heard();
  const log = new Log({ program: 'vz-test', stderr, level: 'info', logFile });
  rmSync(logFile);
  mkdirSync(logFile);
  log.info('one');
  log.info('two');
  assert.equal(
    said(),
    `vz-test: one\nvz-test: warning: ${logFile}: cannot write the log file: nothing more is logged\nvz-test: two\n`,
  );
});

/** A progress whose clock the test turns on. */
function start(t: TestContext, mode: ProgressMode, level: Level = 'info', unit: Unit = 'bytes') {
  const { stderr, said } = heard();
  let nowMs = 0;
  t.mock.restoreAll();
  t.mock.timers.reset();
  t.mock.method(performance, 'now', () => nowMs);
  t.mock.timers.enable({ apis: ['setInterval'] });
  const log = new Log({ program: 'vz-test', stderr, level });
  const progress = new Progress({ log, mode, what: 'ct 101', unit });
  return {
    log,
    progress,
    said,
    pass: (untilMs: number) => {
      const byMs = untilMs - nowMs;
      nowMs = untilMs;
      t.mock.timers.tick(byMs);
    },
  };
}

/** A stderr, and what was said on it since one last asked. */
function heard(): { stderr: Writable; said: () => string } {
  let text = '';
  const stderr = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  return {
    stderr,
    said: () => {
      const was = text;
      text = '';
      return was;
    },
  };
}

test('containers are counted one by one', (t) => {
  const { progress, said, pass } = start(t, 'bar', 'info', 'containers');
  progress.expect(300);
  progress.add(120);
  pass(2500);
  assert.match(said(), /^ct 101: 120 of 300 containers, 40 %, 4\d\.\d\/s, \d\.\d s left/);
  progress.stop();
  const rows = start(t, 'json', 'info', 'containers');
  rows.progress.add(3);
  rows.pass(2500);
  const row = JSON.parse(rows.said().split('\n')[0] ?? '');
  assert.deepEqual([row.containers, row.totalContainers, 'bytes' in row], [3, null, false]);
  rows.progress.stop();
});
