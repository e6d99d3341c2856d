import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { documentOf } from './exports.ts';
import type { ZfsNode, ZfsPool } from './zfs-pool.ts';

/** The document of a node's container that lies in private/ of a dataset of its own. */
export async function zfsDocument({ node, dataset }: ZfsNode, source = {}): Promise<string> {
  const document = JSON.parse(await documentOf(node));
  Object.assign(document.source, { layout: 'zfs', dataset, subdir: 'private', ...source });
  return `${JSON.stringify(document)}\n`;
}

/** Members of a bundle stream or an archive, segments of one payload once. */
export function memberNames(bundle: Buffer): string[] {
  const names = execFileSync('tar', ['tf', '-'], { input: bundle, encoding: 'utf8' }).trimEnd().split('\n');
  return names.filter((name, index) => names[index - 1] !== name);
}

/** What GNU tar, which joins segments, has for a member. */
export function memberOf(bundle: Buffer, name: string): Buffer {
  return execFileSync('tar', ['-xOf', '-', name], { input: bundle, maxBuffer: 1e9 });
}

/** Receives all streams of a bundle with the real zfs, as osctld does it; returns where its root dataset is mounted. */
export function receive(pool: ZfsPool, bundle: Buffer): string {
  received += 1;
  const target = `${pool.name}/received-${received}`;
  for (const name of memberNames(bundle)) {
    const match = /^rootfs\/(.*?)\/?(?:base|incremental)\.dat(\.gz)?$/.exec(name);
    if (!match) continue;
    const data = memberOf(bundle, name);
    const stream = match[2] ? execFileSync('gzip', ['-dc'], { input: data, maxBuffer: 1e9 }) : data;
    execFileSync('zfs', ['recv', '-F', [target, match[1]].filter(Boolean).join('/')], { input: stream });
  }
  mountBelow(pool, target);
  return join(pool.dir, `received-${received}`);
}

/** Mounts a dataset and all below it, parents first. `zfs mount -a` would mount those of other tests as well. */
export function mountBelow(pool: ZfsPool, dataset: string): void {
  for (const line of pool.zfs('list', '-H', '-o', 'name,mounted', '-r', dataset).trim().split('\n')) {
    const [name = '', mounted] = line.split('\t');
    if (mounted === 'no') pool.zfs('mount', name);
  }
}

/** Nothing of a run is left on the pool. */
export function assertClean(pool: ZfsPool, others: readonly string[] = []): void {
  assert.deepEqual(pool.snapshots(), [...others].sort());
  assert.deepEqual(pool.holds(), []);
}

/** A `zfs` that runs a line of sh where `zfs send` would run, and is the real one for all else. Returns a PATH. */
export function wrappedZfs(t: TestContext, send: string): string {
  return zfsBehind(t, `if [ "$1" = send ] && [ $# -gt 1 ]; then\n${send}\nfi`);
}

/** A `zfs` that runs lines of sh first; what does not exit there reaches the real one. Returns a PATH. */
export function zfsBehind(t: TestContext, lines: string): string {
  const bin = mkdtempSync(join(tmpdir(), 'vz2osctl-zfs-'));
  t.after(() => rmSync(bin, { recursive: true }));
  const script = `#!/bin/sh\n${lines}\nexec /usr/sbin/zfs "$@"\n`;
  writeFileSync(join(bin, 'zfs'), script, { mode: 0o755 });
  return bin;
}

let received = 0;
