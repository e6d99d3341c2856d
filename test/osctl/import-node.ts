import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { needs } from '../support/needs.ts';
import { type PipeResult, runPipe, startVpsAdminOsNode, type VpsAdminOsNode } from '../support/nodes.ts';
import { processesNaming } from '../support/programs.ts';
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

/** The node is as it was: no container, no user but those of `users`, no data, no process of an import. */
export function assertNothingLeft(node: VpsAdminOsNode, users: readonly string[] = []): void {
  const names = (words: readonly string[]): string[] =>
    node
      .osctl([...words, '-H', '-o', words[0] === 'ct' ? 'id' : 'name'])
      .stdout.split('\n')
      .filter(Boolean);
  assert.deepEqual(names(['ct', 'ls']), []);
  assert.deepEqual(names(['user', 'ls']), users);
  assert.deepEqual(names(['group', 'ls']), ['/default']);
  assert.deepEqual(readdirSync(join(node.dir, 'tank/ct')), []);
}

export interface SlowImport {
  readonly pid: number;
  /** Waits for what becomes of it; the input stays open. */
  readonly outcome: () => Promise<SlowOutcome>;
  /** Ends the input first. */
  readonly end: () => Promise<SlowOutcome>;
}

export interface SlowOutcome {
  readonly code: number;
  readonly stderr: string;
}

/** Runs `osctl-import ARGS` with an input that stays open behind `head`. */
export function feedSlowly(env: NodeJS.ProcessEnv, args: readonly string[], head: Buffer): SlowImport {
  const child = spawn(resolve('dist/bin/osctl-import'), args, { env });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdout.resume();
  child.stdin.on('error', () => {});
  child.stdin.write(head);
  const closed = once(child, 'close');
  const outcome = async (): Promise<SlowOutcome> => {
    const [code, signal] = (await closed) as [number | null, string | null];
    return { code: code ?? (signal === 'SIGKILL' ? 137 : -1), stderr };
  };
  return {
    pid: child.pid ?? 0,
    outcome,
    end: () => {
      child.stdin.end();
      return outcome();
    },
  };
}

/** Waits until the node has the container that an import makes, and it is marked. */
export async function untilMarked(node: VpsAdminOsNode): Promise<void> {
  for (let tries = 0; !/vz2osctl:incoming/.test(node.osctl(['-j', 'ct', 'ls']).stdout); tries += 1) {
    if (tries > 200) throw new Error('no container is made');
    await setTimeout(50);
  }
}

/** Process ids of the scripts of direct imports on this node. */
export function importsOn({ dir }: VpsAdminOsNode): number[] {
  return processesNaming('osctl-import tank:')
    .map((line) => Number(line.split(' ')[0]))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`VPSADMINOS_STANDIN=${dir}\0`);
      } catch {
        return false;
      }
    });
}

/** Waits until what the node does by itself, when nobody is there any more, has come to its end. */
export async function untilUndone(node: VpsAdminOsNode): Promise<void> {
  for (let tries = 0; importsOn(node).length > 0; tries += 1) {
    if (tries > 200) throw new Error(`still there: ${importsOn(node).join(' ')}`);
    await setTimeout(100);
  }
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
  const text = `#!/bin/sh\nreal=${real}\ncase "$*" in *vz2osctl-sent* | *vz2osctl-step*) ;; *) ${others}; exec "$real" "$@" ;; esac\n${script}\n`;
  writeFileSync(join(dir, 'ssh'), text);
  chmodSync(join(dir, 'ssh'), 0o755);
  return { ...node.env, PATH: `${dir}:${node.env['PATH']}` };
}
