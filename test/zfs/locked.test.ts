import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runPipe } from '../support/nodes.ts';
import { cleanAgain, large, stuckAtBase } from '../support/stuck-zfs.ts';
import { assertClean, wrappedZfs, zfsDocument } from '../support/zfs-bundles.ts';

test('a container may reboot while its base is sent, and is exported all the same', async (t) => {
  const made = large(t);
  if (!made) return;
  const { node } = made;
  const program = await stuckAtBase(t, made);
  assert.equal(node.vzctl('stop', '101').code, 0, 'nobody is kept from it by a lock');
  assert.equal(node.vzctl('start', '101').code, 0);
  const chunks: Buffer[] = [];
  program.child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  assert.equal(await program.exit, 0, program.said());
  const bundle = Buffer.concat(chunks);
  assert.ok(bundle.includes('rootfs/incremental.dat') && bundle.includes('end.json'));
  await cleanAgain(made);
});

test('one that is halted meanwhile is not started, and the export has its last state', async (t) => {
  const made = large(t);
  if (!made) return;
  const { node, pool } = made;
  const program = await stuckAtBase(t, made);
  assert.equal(node.vzctl('stop', '101').code, 0);
  program.child.stdout.resume();
  assert.equal(await program.exit, 0, program.said());
  assert.match(program.said(), /was halted meanwhile, and stays down/);
  assert.match(node.status(), / down$/);
  assertClean(pool);
});

test('one that is suspended meanwhile is refused: its files are not cleanly closed', async (t) => {
  const made = large(t);
  if (!made) return;
  const { node } = made;
  const program = await stuckAtBase(t, made);
  assert.equal(node.vzctl('stop', '101').code, 0);
  mkdirSync(join(node.dir, 'dump'), { recursive: true });
  writeFileSync(join(node.dir, 'dump/Dump.101'), '');
  assert.match(node.status(), / down suspended$/);
  program.child.stdout.resume();
  assert.equal(await program.exit, 78, program.said());
  assert.match(program.said(), /suspended: its memory is in a dump/);
  assertClean(made.pool);
});

test('a second export of the container waits for the first one', async (t) => {
  const made = large(t);
  if (!made) return;
  const program = await stuckAtBase(t, made);
  const second = await runPipe(['vz-zfs-stream', 'cat >/dev/null'], {
    env: made.node.env,
    input: await zfsDocument(made),
  });
  assert.equal(second.codes[0], 75, second.stderr);
  program.child.stdout.resume();
  assert.equal(await program.exit, 0, program.said());
  await cleanAgain(made);
});

test('a slow reader costs no downtime: stop, snapshot and start come before any data of the increment', async (t) => {
  const made = large(t);
  if (!made) return;
  const { node, pool } = made;
  const bin = wrappedZfs(t, 'echo "$(date +%s.%N) send $* begin" >>"$VZ_STANDIN/state/sends"');
  const result = await runPipe(
    [
      'vz-zfs-stream --compression off',
      '{ while head -c 1000000 | grep -c "" >/dev/null; do sleep 0.1; [ $((i+=1)) -lt 20 ] || break; done; cat >/dev/null; }',
    ],
    { env: { ...node.env, PATH: `${bin}:${node.env['PATH']}` }, input: await zfsDocument(made) },
  );
  assert.equal(result.code, 0, result.stderr);
  const [stop, start] = ['stop', 'start'].map((verb) =>
    node
      .log()
      .find((entry) => entry.verb === verb && entry.what.startsWith(verb === 'stop' ? 'begin' : 'end')),
  );
  const downMs = (start?.atMs ?? Number.NaN) - (stop?.atMs ?? Number.NaN);
  assert.ok(downMs < 3000, `${downMs} ms`);
  const sends = readFileSync(join(node.stateDir, 'sends'), 'utf8').trimEnd().split('\n');
  const increments = sends.filter((line) => line.includes(' -i '));
  assert.equal(increments.length, 2);
  for (const line of increments)
    assert.ok(Number.parseFloat(line) * 1000 >= (start?.atMs ?? Number.NaN), line);
  assertClean(pool);
});
