import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { killGuards } from '../support/guards.ts';
import { runPipe } from '../support/nodes.ts';
import { type Program, processesNaming, startProgram } from '../support/programs.ts';
import { cleanAgain, large, stuckAtBase } from '../support/stuck-zfs.ts';
import { assertClean, memberNames, wrappedZfs, zfsBehind, zfsDocument } from '../support/zfs-bundles.ts';
import { startZfsNode, type ZfsNode } from '../support/zfs-pool.ts';

/** An export that is read until the container is down, in a stop or a start that takes long. */
async function during(t: TestContext, made: ZfsNode, phase: 'stop' | 'start'): Promise<Program> {
  writeFileSync(join(made.node.stateDir, `101.${phase}-seconds`), '1.5');
  const program = startProgram(
    'vz-zfs-stream',
    ['--compression', 'off'],
    made.node.env,
    await zfsDocument(made),
  );
  t.after(() => program.child.kill('SIGKILL'));
  program.child.stdout.resume();
  for (let tries = 0; !made.node.log().some(({ verb }) => verb === phase); tries += 1) {
    assert.ok(tries < 300, program.said());
    await sleep(50);
  }
  return program;
}

for (const [signal, code] of [
  ['SIGTERM', 143],
  ['SIGKILL', 137],
] as const) {
  test(`${signal} while the base is sent: it runs on, no snapshot and no hold is left`, async (t) => {
    const made = large(t);
    if (!made) return;
    const program = await stuckAtBase(t, made);
    program.child.kill(signal);
    assert.equal(await program.exit, code, program.said());
    await cleanAgain(made);
    assert.deepEqual(made.node.log(), []);
  });

  for (const phase of ['stop', 'start'] as const) {
    test(`${signal} during the ${phase}: it runs again, no snapshot and no hold is left`, async (t) => {
      const made = large(t);
      if (!made) return;
      const program = await during(t, made, phase);
      program.child.kill(signal);
      assert.equal(await program.exit, code, program.said());
      await cleanAgain(made);
    });
  }

  test(`${signal} while the increment is sent: no snapshot and no hold is left`, async (t) => {
    const made = large(t);
    if (!made) return;
    const bin = wrappedZfs(t, 'case "$*" in *-i*) : >"$VZ_STANDIN/increment"; exec sleep 60 ;; esac');
    const program = startProgram(
      'vz-zfs-stream',
      ['--compression', 'off'],
      { ...made.node.env, PATH: `${bin}:${made.node.env['PATH']}` },
      await zfsDocument(made),
    );
    program.child.stdout.resume();
    for (let tries = 0; !existsSync(join(made.node.dir, 'increment')); tries += 1) {
      assert.ok(tries < 300, program.said());
      await sleep(50);
    }
    program.child.kill(signal);
    assert.equal(await program.exit, code, program.said());
    await cleanAgain(made);
  });
}

for (const kind of ['base', 'last']) {
  test(`SIGKILL while the ${kind} snapshot is on its way: it is removed once it is there`, async (t) => {
    const made = startZfsNode(t, { plain: true });
    if (!made) return;
    const { node } = made;
    const bin = zfsBehind(
      t,
      `case "$1 $*" in 'snapshot '*-${kind}-*) : >"$VZ_STANDIN/snapshot"; sleep 2; /usr/sbin/zfs "$@"; : >"$VZ_STANDIN/made"; exit ;; esac`,
    );
    const program = startProgram(
      'vz-zfs-stream',
      ['--compression', 'off'],
      { ...node.env, PATH: `${bin}:${node.env['PATH']}` },
      await zfsDocument(made),
    );
    program.child.stdout.resume();
    for (let tries = 0; !existsSync(join(node.dir, 'snapshot')); tries += 1) {
      assert.ok(tries < 300, program.said());
      await sleep(50);
    }
    program.child.kill('SIGKILL');
    await program.exit;
    for (let tries = 0; !existsSync(join(node.dir, 'made')); tries += 1) {
      assert.ok(tries < 300, 'made');
      await sleep(50);
    }
    for (let tries = 0; readdirSync(join(node.dir, 'lock')).length > 0; tries += 1) {
      assert.ok(tries < 300, readdirSync(join(node.dir, 'lock')).join(' '));
      await sleep(50);
    }
    await cleanAgain(made);
  });
}

test('SIGTERM while the last snapshot hangs: it is started at once, and the snapshot removed once it is there', async (t) => {
  const made = startZfsNode(t, { plain: true });
  if (!made) return;
  const { node } = made;
  const bin = zfsBehind(
    t,
    `case "$1 $*" in 'snapshot '*-last-*) trap '' TERM; : >"$VZ_STANDIN/snapshot"; sleep 4 ;; esac`,
  );
  const program = startProgram(
    'vz-zfs-stream',
    ['--compression', 'off'],
    { ...node.env, PATH: `${bin}:${node.env['PATH']}` },
    await zfsDocument(made),
  );
  program.child.stdout.resume();
  for (let tries = 0; !existsSync(join(node.dir, 'snapshot')); tries += 1) {
    assert.ok(tries < 300, program.said());
    await sleep(50);
  }
  program.child.kill('SIGTERM');
  assert.equal(await program.exit, 143, program.said());
  const [stop, start] = ['stop', 'start'].map(
    (verb) => node.log().find((entry) => entry.verb === verb)?.atMs,
  );
  const downMs = (start ?? Number.NaN) - (stop ?? Number.NaN);
  assert.ok(downMs < 3000, `${downMs} ms`);
  await cleanAgain(made);
});

test('the reader goes away: 141, and nothing is left', async (t) => {
  const made = large(t);
  if (!made) return;
  const program = await stuckAtBase(t, made);
  program.child.stdout.destroy();
  assert.equal(await program.exit, 141);
  await cleanAgain(made);
});

test('a reader that takes nothing ends the run after --stall', async (t) => {
  const made = large(t);
  if (!made) return;
  const program = await stuckAtBase(t, made, {}, '--stall', '1s');
  assert.equal(await program.exit, 74);
  assert.match(program.said(), /took less than 512 KiB in 1 s while snapshots are kept/);
  await cleanAgain(made);
});

test('the zfs child is killed: 74 with what it was killed by, and no trailer', async (t) => {
  const made = large(t);
  if (!made) return;
  const program = await stuckAtBase(t, made);
  let senders: string[] = [];
  for (let tries = 0; senders.length === 0 && tries < 100; tries += 1) {
    await sleep(50);
    // zfs cuts its own argument at the @.
    senders = processesNaming(`send ${made.dataset}`).filter((line) => !line.includes('/reader-'));
  }
  assert.equal(senders.length, 1);
  for (const line of senders) process.kill(Number.parseInt(line, 10), 'SIGKILL');
  const chunks: Buffer[] = [];
  program.child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  assert.equal(await program.exit, 74, program.said());
  assert.match(program.said(), /zfs send exited with 137/);
  assert.ok(!Buffer.concat(chunks).includes('end.json'));
  await cleanAgain(made);
});

test('the guard is killed: the run fails, and another guard removes the snapshots', async (t) => {
  const made = large(t);
  if (!made) return;
  const program = await stuckAtBase(t, made);
  await killGuards(join(made.node.dir, 'lock'));
  assert.equal(await program.exit, 74, program.said());
  await cleanAgain(made);
});

test('guard and program are killed: the next run removes the snapshots, and starts the container first', async (t) => {
  const made = large(t);
  if (!made) return;
  const { node, pool } = made;
  const program = await during(t, made, 'start');
  // Stopped, so that it starts no other guard.
  program.child.kill('SIGSTOP');
  await killGuards(join(node.dir, 'lock'));
  program.child.kill('SIGKILL');
  await program.exit;
  rmStart(made);
  // The lock counts as held until init has reaped the guard.
  const left = pool.snapshots();
  assert.equal(left.length, 4, left.join(' '));
  const result = await runPipe(['vz-zfs-stream --wait 20s'], {
    env: node.env,
    input: await zfsDocument(made),
  });
  assert.equal(result.code, 0, result.stderr);
  assert.ok(memberNames(result.bytes).includes('end.json'));
  await cleanAgain(made);
});

test('snapshots of a dead run without a trace are removed; those of others, and of people, are not', async (t) => {
  const made = large(t);
  if (!made) return;
  const { node, pool, dataset } = made;
  const others = ['daily', 'vz2osctl-1011-base-1700000000', 'my-vz2osctl-101-base-1'];
  for (const name of [...others, 'vz2osctl-101-base-1700000000', 'vz2osctl-101-last-1700000000'])
    pool.zfs('snapshot', '-r', `${dataset}@${name}`);
  pool.zfs('hold', '-r', 'vz2osctl', `${dataset}@vz2osctl-101-base-1700000000`);
  // As a removal that was cut off leaves them.
  pool.zfs('destroy', `${dataset}@vz2osctl-101-last-1700000000`);
  const result = await runPipe(['vz-zfs-stream'], { env: node.env, input: await zfsDocument(made) });
  assert.equal(result.code, 0, result.stderr);
  assert.match(result.stderr, /removed .*@vz2osctl-101-base-1700000000, which a dead run had left/);
  assert.match(result.stderr, /removed .*@vz2osctl-101-last-1700000000, which a dead run had left/);
  assertClean(
    pool,
    others.flatMap((name) => [`${dataset}@${name}`, `${dataset}/data@${name}`]),
  );
});

/** What a killed run has started is over before the next one begins. */
function rmStart({ node }: ZfsNode): void {
  writeFileSync(join(node.stateDir, '101.start-seconds'), '0');
  assert.ok(readdirSync(join(node.dir, 'lock')).length > 0);
}
