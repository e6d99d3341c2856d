import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { fileWriter, patchableOffset } from '../../lib/bundle/file-writer.ts';
import { encodeHeader, MEMBER_LIMIT_BYTES, SIZE_LIMIT_BYTES } from '../../lib/bundle/header.ts';
import { streamWriter } from '../../lib/bundle/stream-writer.ts';
import type { ArchiveWriter } from '../../lib/bundle/writer.ts';
import { needs } from '../support/needs.ts';

const MTIME = new Date('2026-01-02T03:04:05Z');
const PAYLOAD = randomBytes(100_000);

function scratch(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-bundle-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

/** Odd chunk sizes, so that segments and chunks never agree. */
async function writeSample(writer: ArchiveWriter): Promise<void> {
  await writer.member('container.json', Buffer.from('{}\n'));
  const sink = writer.payload('rootfs/base.tar.gz');
  for (let at = 0; at < PAYLOAD.length; at += 7777) await sink.write(PAYLOAD.subarray(at, at + 7777));
  await sink.end();
  await writer.payload('rootfs/empty').end();
  await writer.member('metadata.yml', Buffer.from('last'));
  await writer.end();
}

async function intoPipe(segmentBytes: number): Promise<Buffer> {
  const pipe = new PassThrough();
  const chunks: Buffer[] = [];
  pipe.on('data', (chunk: Buffer) => chunks.push(chunk));
  const writer = streamWriter(pipe, { segmentBytes, mtime: MTIME, signal: new AbortController().signal });
  await writeSample(writer);
  return Buffer.concat(chunks);
}

async function intoFile(path: string, flags: string, limitBytes: number, before = ''): Promise<void> {
  const fd = openSync(path, flags);
  writeSync(fd, before);
  const startOffset = await patchableOffset(fd);
  assert.notEqual(startOffset, undefined);
  const file = {
    startOffset: startOffset ?? -1,
    append: async (data: Buffer) => void writeSync(fd, data),
    patch: async (data: Buffer, offset: number) => void writeSync(fd, data, 0, data.length, offset),
  };
  await writeSample(fileWriter(file, limitBytes, MTIME));
  closeSync(fd);
}

/** What GNU tar, an independent reader, makes of it. */
function listNames(archive: string): string[] {
  return execFileSync('tar', ['tf', archive]).toString().trimEnd().split('\n');
}
function extract(archive: string, name: string): Buffer {
  return execFileSync('tar', ['-xOf', archive, name], { maxBuffer: 1e9 });
}

test('a header is one plain ustar block', async () => {
  const header = await encodeHeader('metadata.yml', 5, MTIME);
  assert.equal(header.length, 512);
  assert.equal(header.toString('latin1', 257, 265), 'ustar\x0000');
  assert.equal(header.toString('latin1', 124, 136), '00000000005 ');
  assert.equal(header[156], '0'.charCodeAt(0));
});

test('a header refuses what would need PAX or base-256', async () => {
  for (const name of ['', 'ž', 'x'.repeat(101)])
    await assert.rejects(encodeHeader(name, 0, MTIME), RangeError);
  await assert.rejects(encodeHeader('x', SIZE_LIMIT_BYTES, MTIME), RangeError);
  const largest = (await encodeHeader('x', MEMBER_LIMIT_BYTES, MTIME)).toString('latin1', 124, 136);
  assert.equal(Number.parseInt(largest, 8), MEMBER_LIMIT_BYTES);
});

test('a pipe gets segments of one name, which tar joins', async (t) => {
  const archive = join(scratch(t), 'a.tar');
  writeFileSync(archive, await intoPipe(30_000));
  assert.deepEqual(listNames(archive), [
    'container.json',
    ...Array(4).fill('rootfs/base.tar.gz'),
    'rootfs/empty',
    'metadata.yml',
  ]);
  assert.deepEqual(extract(archive, 'rootfs/base.tar.gz'), PAYLOAD);
  assert.equal(extract(archive, 'rootfs/empty').length, 0);
});

test('a payload of exactly some segments has no empty one behind them', async (t) => {
  const archive = join(scratch(t), 'a.tar');
  writeFileSync(archive, await intoPipe(50_000));
  assert.equal(listNames(archive).filter((name) => name === 'rootfs/base.tar.gz').length, 2);
});

test('a file gets one member a payload', async (t) => {
  const archive = join(scratch(t), 'a.tar');
  await intoFile(archive, 'wx', MEMBER_LIMIT_BYTES);
  assert.deepEqual(listNames(archive), [
    'container.json',
    'rootfs/base.tar.gz',
    'rootfs/empty',
    'metadata.yml',
  ]);
  assert.deepEqual(extract(archive, 'rootfs/base.tar.gz'), PAYLOAD);
});

test('a file is cut where a member would grow too large', async (t) => {
  const archive = join(scratch(t), 'a.tar');
  await intoFile(archive, 'wx', 40_960);
  assert.equal(listNames(archive).filter((name) => name === 'rootfs/base.tar.gz').length, 3);
  assert.deepEqual(extract(archive, 'rootfs/base.tar.gz'), PAYLOAD);
});

test('headers are patched where the archive begins, not where the file does', async (t) => {
  const dir = scratch(t);
  await intoFile(join(dir, 'a.tar'), 'wx', MEMBER_LIMIT_BYTES, 'x'.repeat(1000));
  writeFileSync(join(dir, 'b.tar'), readFileSync(join(dir, 'a.tar')).subarray(1000));
  assert.deepEqual(extract(join(dir, 'b.tar'), 'rootfs/base.tar.gz'), PAYLOAD);
});

test('a file that is open for appending, a pipe or a device is not patched', async (t) => {
  const fd = openSync(join(scratch(t), 'a'), 'a');
  assert.equal(await patchableOffset(fd), undefined);
  closeSync(fd);
  const device = openSync('/dev/null', 'w');
  assert.equal(await patchableOffset(device), undefined);
  closeSync(device);
});

test("Ruby's TarReader finds the same members", async (t) => {
  if (!needs(t, 'ruby')) return;
  const archive = join(scratch(t), 'a.tar');
  writeFileSync(archive, await intoPipe(30_000));
  const script = `require 'rubygems/package'; require 'digest'
    Gem::Package::TarReader.new(File.open(ARGV[0])).each { |e| puts e.full_name, e.header.size, Digest::MD5.hexdigest(e.read.to_s) }`;
  const lines = execFileSync('ruby', ['-e', script, archive]).toString().trimEnd().split('\n');
  assert.equal(lines[0], 'container.json');
  assert.deepEqual(lines.slice(3, 6), [
    'rootfs/base.tar.gz',
    '30000',
    createHash('md5').update(PAYLOAD.subarray(0, 30_000)).digest('hex'),
  ]);
  assert.equal(lines.at(-3), 'metadata.yml');
  assert.equal(statSync(archive).size % 512, 0);
});
