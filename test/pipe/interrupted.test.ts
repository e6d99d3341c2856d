import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { convert, largeNode, parse, RUNNING, runsAgain, stuckExport } from '../support/exports.ts';
import { runPipe } from '../support/nodes.ts';

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGKILL', 137],
] as const) {
  test(`${signal} while the container is down: it runs again`, async (t) => {
    const { node, document } = await largeNode(t);
    const program = await stuckExport(node, document);
    program.child.kill(signal);
    assert.equal(await program.exit, code, program.said());
    await runsAgain(node);
  });
}

test('a second SIGINT leaves at once, and the guard starts the container', async (t) => {
  const { node, document } = await largeNode(t);
  writeFileSync(join(node.stateDir, '101.start-seconds'), '2');
  const program = await stuckExport(node, document);
  program.child.kill('SIGINT');
  await program.saysMatching(/cleaning up/);
  program.child.kill('SIGINT');
  assert.equal(await program.exit, 130);
  assert.match(program.said(), /left at once/);
  await runsAgain(node);
});

test('a reader that goes away: 141, nothing printed about it, the container runs again', async (t) => {
  const { node, document } = await largeNode(t);
  const program = await stuckExport(node, document);
  program.child.stdout.destroy();
  assert.equal(await program.exit, 141);
  assert.doesNotMatch(program.said(), /EPIPE|went away/);
  await runsAgain(node);
});

test('a reader that takes nothing ends the run after --stall', async (t) => {
  const { node, document } = await largeNode(t);
  const program = await stuckExport(node, document, {}, '--stall', '1s');
  assert.equal(await program.exit, 74);
  assert.match(program.said(), /took less than 512 KiB in 1 s while the container is down/);
  await runsAgain(node);
});

test('--max-downtime is kept by the guard when the reader is slower than the estimate', async (t) => {
  const { node, document } = await largeNode(t);
  const program = await stuckExport(node, document, {}, '--max-downtime', '14s');
  assert.equal(await program.exit, 78);
  assert.match(program.said(), /started again because --max-downtime was over/);
  await runsAgain(node);
});

test('a program that hangs gives no sign of life: the guard starts the container, and no archive results', async (t) => {
  const { node, document } = await largeNode(t);
  const program = await stuckExport(node, document, { VZ2OSCTL_GUARD_SECONDS: '2' });
  program.child.kill('SIGSTOP');
  await runsAgain(node).catch(() => {});
  assert.equal(node.status(), RUNNING);
  program.child.kill('SIGCONT');
  const chunks: Buffer[] = [];
  program.child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  assert.equal(await program.exit, 74, program.said());
  assert.match(program.said(), /started again by its guard/);
  assert.ok(!Buffer.concat(chunks).includes('end.json'));
  await runsAgain(node);
});

for (const victim of ['vz-rootfs-tar', 'osctl-bundle'] as const) {
  test(`kill -9 of ${victim} in a pipe: no archive, the container runs again`, async (t) => {
    const { node } = await largeNode(t);
    const archive = join(node.dir, 'a.tar');
    const script = `
      ${parse(node)} | ${convert} > ${node.dir}/101.json
      { vz-rootfs-tar --compression off < ${node.dir}/101.json & echo $! > ${node.dir}/vz-rootfs-tar.pid; wait $!; } |
      { osctl-bundle & echo $! > ${node.dir}/osctl-bundle.pid; wait $!; } |
      { head -c 100000; kill -9 $(cat ${node.dir}/${victim}.pid); cat; } > ${archive}`;
    const result = await runPipe(script.replace('{ osctl-bundle &', '{ osctl-bundle <&0 &'), {
      env: node.env,
    });
    assert.notEqual(result.code, 0);
    await runsAgain(node);
    const verified = await runPipe([`osctl-bundle --verify ${archive}`]);
    assert.equal(verified.code, 65);
    assert.match(verified.stdout, /ARCHIVE_CUT_OFF|there is no metadata.yml/);
  });
}
