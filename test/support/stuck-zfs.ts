import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runsAgain } from './exports.ts';
import { type Program, startProgram } from './programs.ts';
import { assertClean, zfsDocument } from './zfs-bundles.ts';
import { startZfsNode, type ZfsNode } from './zfs-pool.ts';

/** Enough data that no pipe can hold it. */
export const large = (t: TestContext): ZfsNode | undefined =>
  startZfsNode(t, { plain: true, sizeMib: 24, children: ['data'] });

/** An export whose reader has read a little, and stops. */
export async function stuckAtBase(
  t: TestContext,
  made: ZfsNode,
  env = {},
  ...args: string[]
): Promise<Program> {
  const program = startProgram(
    'vz-zfs-stream',
    ['--compression', 'off', ...args],
    { ...made.node.env, ...env },
    await zfsDocument(made),
  );
  t.after(() => program.child.kill('SIGKILL'));
  program.child.stdout.once('readable', () => program.child.stdout.read(1000));
  for (let tries = 0; made.pool.holds().length < 2; tries += 1) {
    assert.ok(tries < 200, program.said());
    await sleep(50);
  }
  return program;
}

export async function cleanAgain({ node, pool }: ZfsNode): Promise<void> {
  await runsAgain(node);
  assertClean(pool);
}
