import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { needs } from '../support/needs.ts';
import { type PipeResult, runPipe, startVpsAdminOsNode, type VpsAdminOsNode } from '../support/nodes.ts';
import { changedMembers, containerDocument, goodMembers, makeArchive } from './archives.ts';

export interface Setup {
  readonly node: VpsAdminOsNode;
  /** Runs `osctl-import ARGUMENTS root@node` with this on its stdin. */
  readonly run: (args: string, input: string | Buffer, env?: NodeJS.ProcessEnv) => Promise<PipeResult>;
}

export function setUp(t: TestContext): Setup | undefined {
  if (!needs(t, 'root', 'ruby', 'sshd', 'ssh')) return undefined;
  const node = startVpsAdminOsNode(t);
  const run: Setup['run'] = (args, input, env = node.env) =>
    runPipe([`osctl-import ${args} root@node`], { env, input });
  return { node, run };
}

export const withDocument = (changes: Parameters<typeof containerDocument>[0]): Buffer =>
  makeArchive(changedMembers({ 'container.json': JSON.stringify(containerDocument(changes)) }));

export const GOOD = makeArchive(goodMembers());

/** The pool holds what osctld made and no spool file; nothing was imported unless `ids` says so. */
export function assertNothingElse(node: VpsAdminOsNode, ids: readonly string[] = []): void {
  assert.deepEqual(readdirSync(join(node.dir, 'tank')).sort(), ['conf', 'ct', 'hook', 'log']);
  assert.deepEqual(readdirSync(join(node.dir, 'tank/ct')).sort(), ids);
}

/**
 * Puts an `ssh` on PATH that treats the connection of the import with `script`, and runs `others` before the real ssh of
 * all other connections; `$real` is the ssh behind it.
 */
export function wrapSsh(
  t: TestContext,
  node: VpsAdminOsNode,
  script: string,
  others = ':',
): NodeJS.ProcessEnv {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-test-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const real = join(node.dir, 'client-bin/ssh');
  const text = `#!/bin/sh\nreal=${real}\ncase "$*" in *vz2osctl-sent*) ;; *) ${others}; exec "$real" "$@" ;; esac\n${script}\n`;
  writeFileSync(join(dir, 'ssh'), text);
  chmodSync(join(dir, 'ssh'), 0o755);
  return { ...node.env, PATH: `${dir}:${node.env['PATH']}` };
}
