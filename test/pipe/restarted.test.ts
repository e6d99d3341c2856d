import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { documentOf, largeNode, runsAgain, stuckExport } from '../support/exports.ts';
import { needs } from '../support/needs.ts';
import { type OpenVzNode, runPipe, startOpenVzNode } from '../support/nodes.ts';
import { startProgram } from '../support/programs.ts';

test('a container that does not start again: 74, with what to do; the next run starts it, and stops it again to pack it', async (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const document = await documentOf(node);
  writeFileSync(join(node.stateDir, '101.start-fails'), '99');
  const env = { ...node.env, VZ2OSCTL_GUARD_SECONDS: '1' };
  const failed = await runPipe(['vz-rootfs-tar', 'osctl-bundle > /dev/null'], { env, input: document });
  assert.deepEqual(failed.codes, [74, 65], failed.stderr);
  assert.match(
    failed.stderr,
    /stopped, and could not be started again; look at why, and start it by hand: vzctl start 101/,
  );
  assert.equal(node.status(), 'CTID 101 exist unmounted down');

  rmSync(join(node.stateDir, '101.start-fails'));
  const before = node.log().length;
  const archive = join(node.dir, 'a.tar');
  const next = await runPipe(['vz-rootfs-tar', `osctl-bundle > ${archive}`], { env, input: document });
  assert.equal(next.code, 0, next.stderr);
  assert.match(next.stderr, /a dead run had left it stopped; it was started again, and is looked at anew/);
  const verbs = node
    .log()
    .slice(before)
    .filter(({ what }) => what.startsWith('begin'))
    .map(({ verb }) => verb);
  assert.deepEqual(verbs, ['start', 'stop', 'start']);
  await runsAgain(node);
});

test('kill -9 of the guard while the container is down: another one starts it', async (t) => {
  const { node, document } = await largeNode(t);
  const program = await stuckExport(node, document);
  process.kill(Number(readFileSync(join(node.dir, 'lock/101.lck'), 'utf8')), 'SIGKILL');
  assert.equal(await program.exit, 74, program.said());
  assert.match(program.said(), /its guard was killed; it was started again by another/);
  await runsAgain(node);
});

for (const victim of ['tar', 'igzip'] as const) {
  test(`kill -9 of ${victim}: 74, no archive, the container runs again`, async (t) => {
    if (!needs(t, 'igzip')) return;
    const { node, document } = await largeNode(t);
    const program = startProgram('vz-rootfs-tar', [], node.env, document);
    await program.saysMatching(/: stopping/);
    const private_ = victim === 'tar' ? `tar\0-C\0${node.privatePath}` : 'igzip\0-1\0-c';
    let killed = false;
    for (let tries = 0; !killed && tries < 500; tries += 1) {
      killed = killExactly(private_, node);
      await sleep(10);
    }
    assert.ok(killed);
    const chunks: Buffer[] = [];
    program.child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    assert.equal(await program.exit, 74, program.said());
    assert.ok(!Buffer.concat(chunks).includes('end.json'));
    await runsAgain(node);
  });
}

/** SIGKILL for the one process of this node whose command line begins so; other tests may run the same program. */
function killExactly(commandLine: string, { dir }: OpenVzNode): boolean {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith(commandLine)) continue;
      if (!readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`VZ_STANDIN=${dir}\0`)) continue;
      process.kill(Number(pid), 'SIGKILL');
      return true;
    } catch {
      // It has just ended.
    }
  }
  return false;
}

test('started or stopped by somebody else while the export waits for the lock: 75, and left as it is', async (t) => {
  const node = startOpenVzNode(t, { plain: true });
  const document = await documentOf(node);
  const lock = join(node.dir, 'lock/101.lck');
  writeFileSync(lock, `${process.pid}\n`);
  const program = startProgram('vz-rootfs-tar', ['--wait', '30s'], node.env, document);
  await program.saysMatching(/waiting/);
  node.vzctl('--skiplock', 'stop', '101');
  rmSync(lock);
  assert.equal(await program.exit, 75, program.said());
  assert.match(program.said(), /was stopped by somebody else meanwhile/);
  assert.match(node.status(), / down$/);
});
