import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VzError } from '../../lib/errors.ts';
import { isRunning, killGuards, setUp } from '../support/guards.ts';
import type { OpenVzNode } from '../support/nodes.ts';

async function waitUntilRunning(node: OpenVzNode): Promise<void> {
  for (let tries = 0; tries < 100 && !isRunning(node); tries += 1) await sleep(200);
  assert.ok(isRunning(node), node.status());
}

test('stops, starts again, and leaves nothing behind', async (t) => {
  const { node, lockDir, start } = setUp(t);
  const guard = await start();
  assert.ok(existsSync(join(lockDir, '101.lck')), 'the lock is held');
  await guard.stop();
  assert.equal(isRunning(node), false);
  await guard.startAgain();
  assert.equal(isRunning(node), true);
  assert.equal(await guard.release(), undefined);
  assert.deepEqual(readdirSync(lockDir), []);
});

test('a release without a start starts the container', async (t) => {
  const { node, start } = setUp(t);
  const guard = await start();
  await guard.stop();
  await guard.release();
  assert.equal(isRunning(node), true);
  assert.equal(guard.lost.aborted, true, 'what was read is not to be trusted');
});

test('never starts while vzctl stop is still at work', async (t) => {
  const { node, start } = setUp(t);
  writeFileSync(join(node.stateDir, '101.stop-seconds'), '2');
  const guard = await start();
  const stopping = guard.stop();
  stopping.catch(() => {});
  await sleep(300);
  await guard.release();
  const verbs = node
    .log()
    .filter(({ ctid }) => ctid === '101')
    .map(({ verb, what }) => `${verb} ${what.split(' ')[0]}`);
  assert.deepEqual(verbs.slice(-4), ['stop begin', 'stop end', 'start begin', 'start end']);
});

test('starts the container when the time is up, and says so', async (t) => {
  const { node, start } = setUp(t);
  const guard = await start({ maxDowntimeMs: 1000 });
  await guard.stop();
  await waitUntilRunning(node);
  await assert.rejects(
    guard.startAgain(),
    (error: VzError) => error.code === 'MAX_DOWNTIME' && error.exit === 78,
  );
  await guard.release();
});

test('a disarmed guard never starts the container', async (t) => {
  const { node, start } = setUp(t);
  const guard = await start();
  await guard.stop();
  assert.equal(await guard.disarm(), true);
  await guard.release();
  assert.equal(isRunning(node), false);
});

test('disarm is refused once the guard has fired', async (t) => {
  const { node, start } = setUp(t);
  const guard = await start({ maxDowntimeMs: 1000 });
  await guard.stop();
  await waitUntilRunning(node);
  assert.equal(await guard.disarm(), false);
  await guard.release();
});

test('what a dead guard left stopped is started by the next one', async (t) => {
  const { node, lockDir, start } = setUp(t);
  const guard = await start();
  await guard.stop();
  // The guard dies with the machine's memory: its state stays on disk.
  const state = join(lockDir, '101.vz2osctl');
  await killGuards(lockDir);
  assert.ok(existsSync(join(state, 'armed')));
  assert.equal(isRunning(node), false);
  await guard.release();
  const next = await start();
  assert.equal(next.recovered, true);
  assert.equal(isRunning(node), true);
  await next.release();
  assert.deepEqual(readdirSync(lockDir), []);
});

test('a disarmed state of a dead guard is no reason to start anything', async (t) => {
  const { node, lockDir, start } = setUp(t);
  node.vzctl('stop', '101');
  mkdirSync(join(lockDir, '101.vz2osctl'));
  writeFileSync(join(lockDir, '101.vz2osctl', 'disarmed'), '');
  const guard = await start();
  assert.equal(guard.recovered, false);
  await guard.release();
  assert.equal(isRunning(node), false);
});

test('a lock of a living process is respected, one of a dead process is not', async (t) => {
  const { lockDir, start } = setUp(t);
  const lock = join(lockDir, '101.lck');
  writeFileSync(lock, `${process.pid}\n`);
  await assert.rejects(start(), (error: VzError) => error.code === 'LOCKED' && error.exit === 75);
  assert.deepEqual(readdirSync(lockDir), ['101.lck'], 'nothing of ours is left, and their lock stands');
  rmSync(lock);
  writeFileSync(lock, '2147483646\n');
  const guard = await start();
  await guard.release();
  assert.deepEqual(readdirSync(lockDir), []);
});

test('a stop that fails is an error, and the container runs', async (t) => {
  const { node, start } = setUp(t);
  writeFileSync(join(node.stateDir, '101.stop-exit'), '79');
  const guard = await start();
  await assert.rejects(guard.stop(), (error: VzError) => error.code === 'STOP_FAILED');
  await guard.release();
  assert.equal(isRunning(node), true);
});

test('a start that fails once is tried again', async (t) => {
  const { node, start } = setUp(t);
  const guard = await start();
  await guard.stop();
  writeFileSync(join(node.stateDir, '101.start-fails'), '1');
  await guard.startAgain();
  assert.equal(isRunning(node), true);
  await guard.release();
});

test('a state directory that vanishes does not keep the container down', async (t) => {
  const { node, lockDir, start } = setUp(t);
  const guard = await start({ limitSeconds: 1 });
  await guard.stop();
  rmSync(join(lockDir, '101.vz2osctl'), { recursive: true });
  await guard.startAgain();
  assert.equal(isRunning(node), true);
  await guard.release();
});

test('never starts while a stop is at work whose shell was killed', async (t) => {
  const { node, lockDir, start } = setUp(t);
  writeFileSync(join(node.stateDir, '101.stop-seconds'), '4');
  const guard = await start();
  const stopping = guard.stop();
  stopping.catch(() => {});
  await sleep(500);
  const vzctl = Number(readFileSync(join(lockDir, '101.vz2osctl/stopping'), 'utf8'));
  const shell = Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${vzctl}/status`, 'utf8'))?.[1]);
  process.kill(shell, 'SIGKILL');
  await assert.rejects(stopping, (error: VzError) => error.code === 'STOP_FAILED');
  await guard.release();
  assert.equal(isRunning(node), true);
});

test('a killed guard with the container down says that it left it so', async (t) => {
  const { lockDir, start } = setUp(t);
  const guard = await start();
  await guard.stop();
  await killGuards(lockDir);
  await guard.release();
  assert.deepEqual(guard.vanished, { owesStart: true });
  const next = await start();
  await next.release();
  assert.equal(next.vanished, undefined);
});

test('DISABLED=yes: started again by force', async (t) => {
  const { node, start } = setUp(t);
  node.vzctl('set', '101', '--disabled', 'yes', '--save');
  const guard = await start();
  await guard.stop();
  await guard.startAgain();
  assert.equal(isRunning(node), true);
  await guard.release();
});

test("vzctl's lock is given back for a while, and a stop needs it", async (t) => {
  const { node, lockDir, start } = setUp(t);
  const guard = await start();
  await guard.unlock();
  assert.equal(existsSync(join(lockDir, '101.lck')), false);
  assert.equal(node.vzctl('stop', '101').code, 0);
  assert.equal(node.vzctl('start', '101').code, 0);
  await assert.rejects(guard.stop(), (error: VzError) => error.code === 'STOP_FAILED');
  assert.equal(isRunning(node), true);
  await guard.lock();
  assert.equal(node.vzctl('stop', '101').code, 9);
  await guard.release();
  assert.deepEqual(readdirSync(lockDir), []);
});

test('a lock that somebody else took meanwhile is not taken away', async (t) => {
  const { lockDir, start } = setUp(t);
  const guard = await start();
  await guard.unlock();
  writeFileSync(join(lockDir, '101.lck'), `${process.pid}\n`);
  await assert.rejects(
    guard.lock(),
    (error: VzError) => error.exit === 75 && error.line.includes(String(process.pid)),
  );
  await guard.release();
  assert.equal(readFileSync(join(lockDir, '101.lck'), 'utf8'), `${process.pid}\n`);
});

test('two guards of one container are kept apart without the lock of vzctl, too', async (t) => {
  const { lockDir, start } = setUp(t);
  const guard = await start();
  await guard.unlock();
  await assert.rejects(start(), (error: VzError) => error.exit === 75);
  await guard.release();
  assert.deepEqual(readdirSync(lockDir), []);
});
