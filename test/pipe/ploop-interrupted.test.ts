import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { killGuards } from '../support/guards.ts';
import { runPipe } from '../support/nodes.ts';
import { allAsBefore, PLOOP, type PloopNode, ploopNode, verbs } from '../support/ploop-exports.ts';
import { type Program, startProgram } from '../support/programs.ts';

/** Each stage is held up, so that it is met in it. The stop of the last is done with the image kept mounted. */
const STAGES: readonly (readonly [string, readonly string[]])[] = [
  ['stop', []],
  ['snapshot', []],
  ['start', []],
  ['snapshot-mount', []],
  ['packing', []],
  ['packing', ['--no-ploop-snapshot']],
];

/** An export that is in a stage; nobody reads it. */
async function exportIn(
  t: TestContext,
  stage: string,
  flags: readonly string[] = [],
): Promise<(PloopNode & { program: Program }) | undefined> {
  const ploop = await ploopNode(t, { sizeMib: 24 });
  if (!ploop) return undefined;
  const { node, document } = ploop;
  const env = { ...node.env, VZ2OSCTL_GUARD_SECONDS: '3' };
  if (stage !== 'packing') writeFileSync(join(node.stateDir, `102.${stage}-seconds`), '2');
  const program = startProgram('vz-rootfs-tar', ['--compression', 'off', ...flags], env, document);
  const last = stage !== 'packing' ? stage : flags.length > 0 ? 'stop' : 'snapshot-mount';
  const isThere = (): boolean =>
    node
      .log()
      .some(({ verb, what }) => verb === last && what.startsWith(stage === 'packing' ? 'end 0' : 'begin'));
  for (let tries = 0; !isThere(); tries += 1) {
    assert.ok(tries < 300, `${stage}: ${program.said()}`);
    await sleep(20);
  }
  await sleep(stage === 'packing' ? 500 : 100);
  return { ...ploop, program };
}

test('it may reboot while its snapshot is packed', async (t) => {
  const found = await exportIn(t, 'packing');
  if (!found) return;
  const { node, program } = found;
  for (const verb of ['stop', 'start']) assert.equal(node.vzctl(verb, PLOOP).code, 0, verb);
  program.child.stdout.resume();
  assert.equal(await program.exit, 0, program.said());
  await allAsBefore(found);
});

for (const [stage, flags] of STAGES) {
  const where = [stage, ...flags].join(' ');
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    test(`${signal} in ${where}: it runs again, and nothing is left`, async (t) => {
      const found = await exportIn(t, stage, flags);
      if (!found) return;
      found.program.child.kill(signal);
      assert.equal(await found.program.exit, signal === 'SIGKILL' ? 137 : 143, found.program.said());
      await allAsBefore(found);
    });
  }

  test(`the reader goes away in ${where}: it runs again, and nothing is left`, async (t) => {
    const found = await exportIn(t, stage, flags);
    if (!found) return;
    found.program.child.stdout.destroy();
    assert.equal(await found.program.exit, 141, found.program.said());
    await allAsBefore(found);
  });

  test(`kill -9 of the guard in ${where}: another one does its work`, async (t) => {
    const found = await exportIn(t, stage, flags);
    if (!found) return;
    await killGuards(join(found.node.dir, 'lock'));
    assert.equal(await found.program.exit, 74, found.program.said());
    await allAsBefore(found);
  });

  test(`kill -9 of both in ${where}: the next run does it`, async (t) => {
    const found = await exportIn(t, stage, flags);
    if (!found) return;
    const { node, document, program } = found;
    program.child.kill('SIGKILL');
    await killGuards(join(node.dir, 'lock'));
    await program.exit;
    // The lock of a dead guard is stale as soon as init has taken note.
    const next = await runPipe(['vz-rootfs-tar --wait 30s', 'cat >/dev/null'], {
      env: node.env,
      input: document,
    });
    assert.equal(next.code, 0, next.stderr);
    assert.ok(verbs(node).length > 2);
    await allAsBefore(found);
  });
}

test('what a run has mounted is unmounted, also when it is killed; what was mounted stays', async (t) => {
  const ploop = await ploopNode(t, { sizeMib: 24 });
  if (!ploop) return;
  const { node, document } = ploop;
  for (const before of ['unmounted', 'mounted']) {
    node.vzctl('stop', PLOOP);
    if (before === 'mounted') node.vzctl('mount', PLOOP);
    const program = startProgram('vz-rootfs-tar', ['--compression', 'off'], node.env, document);
    program.child.stdout.once('readable', () => program.child.stdout.read(1000));
    for (let tries = 0; !node.status(PLOOP).includes(' mounted ') && tries < 200; tries += 1) await sleep(50);
    await sleep(500);
    program.child.kill('SIGKILL');
    await program.exit;
    const wanted = `CTID 102 exist ${before} down`;
    for (let tries = 0; node.status(PLOOP) !== wanted && tries < 200; tries += 1) await sleep(50);
    await sleep(500);
    assert.equal(node.status(PLOOP), wanted);
    node.vzctl('umount', PLOOP);
  }
});
