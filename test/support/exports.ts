import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type OpenVzNode, runPipe, startOpenVzNode } from './nodes.ts';
import { type Program, processesNaming, startProgram } from './programs.ts';

export const RUNNING = running('101');
export const convert = 'vz-to-osctl -q --report none';
export const parse = (node: OpenVzNode, ctid = '101'): string =>
  `vz-parse-config --conf-dir '${node.confDir}' ${ctid}`;

export async function documentOf(node: OpenVzNode, ctid = '101'): Promise<string> {
  const result = await runPipe([parse(node, ctid), convert], { env: node.env });
  assert.equal(result.code, 0, result.stderr);
  return result.stdout;
}

/** A node with enough data that no pipe can hold it, and its document. */
export async function largeNode(t: TestContext): Promise<{ node: OpenVzNode; document: string }> {
  const node = startOpenVzNode(t, { plain: true, sizeMib: 40 });
  return { node, document: await documentOf(node) };
}

/** An export that has stopped the container and waits for its reader, which has read a little. */
export async function stuckExport(
  node: OpenVzNode,
  document: string,
  env = {},
  ...args: string[]
): Promise<Program> {
  const program = startProgram(
    'vz-rootfs-tar',
    ['--compression', 'off', ...args],
    { ...node.env, ...env },
    document,
  );
  await program.saysMatching(/: stopping/);
  program.child.stdout.once('readable', () => program.child.stdout.read(1000));
  for (let tries = 0; node.status() !== 'CTID 101 exist unmounted down'; tries += 1) {
    assert.ok(tries < 100, node.status());
    await sleep(50);
  }
  return program;
}

/** A container runs, its lock was given back, and no process was left. */
export async function runsAgain(node: OpenVzNode, ctid = '101'): Promise<void> {
  for (let tries = 0; node.status(ctid) !== running(ctid) && tries < 200; tries += 1) await sleep(50);
  assert.equal(node.status(ctid), running(ctid));
  for (let tries = 0; readdirSync(join(node.dir, 'lock')).length > 0 && tries < 200; tries += 1)
    await sleep(50);
  assert.deepEqual(readdirSync(join(node.dir, 'lock')), [], 'the lock was given back');
  for (let tries = 0; childrenOf(node).length > 0 && tries < 60; tries += 1) await sleep(50);
  assert.deepEqual(childrenOf(node), [], 'no child was left');
}

/** Without the containers' own service. */
function childrenOf(node: OpenVzNode): string[] {
  return processesNaming(node.dir).filter((line) => !line.includes('/lib/writer '));
}

function running(ctid: string): string {
  return `CTID ${ctid} exist mounted running`;
}
