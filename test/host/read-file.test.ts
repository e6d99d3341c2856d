import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { VzError } from '../../lib/errors.ts';
import { localHost } from '../../lib/host/local.ts';

function makeDirectory(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-read-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

const isSpecial = ({ code, exit, what }: VzError): boolean =>
  code === 'UNREADABLE' && exit === 74 && what === 'is no regular file';
const isTooLarge = ({ code, exit }: VzError): boolean => code === 'FILE_TOO_LARGE' && exit === 65;

test('a pipe is refused, also behind a link, and not waited for', async (t) => {
  const dir = makeDirectory(t);
  spawnSync('mkfifo', [join(dir, 'pipe')]);
  symlinkSync('pipe', join(dir, 'link'));
  await assert.rejects(localHost.readFile(join(dir, 'pipe')), isSpecial);
  await assert.rejects(localHost.readFile(join(dir, 'link')), isSpecial);
});

test('a device is refused unread', async () => {
  await assert.rejects(localHost.readFile('/dev/zero', { maxBytes: 10 }), isSpecial);
});

test('a file of 5 GB is refused unread, with a limit and without', async (t) => {
  const path = join(makeDirectory(t), 'sparse');
  writeFileSync(path, '');
  truncateSync(path, 5e9);
  const before = process.memoryUsage().rss;
  await assert.rejects(localHost.readFile(path, { maxBytes: 1000 }), isTooLarge);
  await assert.rejects(localHost.readFile(path), isTooLarge);
  assert.ok(process.memoryUsage().rss - before < 100 * 1024 ** 2);
});

test('a file of the largest size is read, one byte more is not', async (t) => {
  const path = join(makeDirectory(t), 'file');
  for (const bytes of [0, 1, 4096, 4097, 300_000]) {
    writeFileSync(path, Buffer.alloc(bytes, 'x'));
    assert.equal((await localHost.readFile(path, { maxBytes: bytes }))?.length, bytes);
    if (bytes > 0) await assert.rejects(localHost.readFile(path, { maxBytes: bytes - 1 }), isTooLarge);
  }
});

test('a file of /proc, whose size is 0, is read up to the limit', async () => {
  const text = String(await localHost.readFile('/proc/self/smaps'));
  assert.ok(text.length > 4096 && text.endsWith('\n'));
  await assert.rejects(localHost.readFile('/proc/self/smaps', { maxBytes: 4096 }), isTooLarge);
});
