import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { checkPayload } from '../../lib/archive/check-payload.ts';
import type { VzError } from '../../lib/errors.ts';
import type { SendStreamResult } from '../../lib/osctl/send-stream.ts';

const fixture = (name: string): Buffer => readFileSync(`test/fixtures/zfs/${name}.zstream`);
const FULL = fixture('streams/101-full');

interface Passed {
  readonly data: Buffer;
  readonly streams: SendStreamResult[];
}

async function pass(name: string, data: Buffer, pieceBytes = 5000): Promise<Passed> {
  const pieces = async function* (): AsyncGenerator<Buffer> {
    for (let at = 0; at < data.length; at += pieceBytes) yield data.subarray(at, at + pieceBytes);
  };
  const streams: SendStreamResult[] = [];
  const chunks: Buffer[] = [];
  for await (const chunk of checkPayload(name, '/a/file', pieces(), (stream) => streams.push(stream)))
    chunks.push(chunk);
  return { data: Buffer.concat(chunks), streams };
}

async function refusal(name: string, data: Buffer): Promise<string> {
  try {
    await pass(name, data);
  } catch (error) {
    const { code, exit, where, what } = error as VzError;
    assert.deepEqual([exit, where], [65, '/a/file']);
    return `${code} ${what}`;
  }
  return 'none';
}

describe('bare payloads', () => {
  it('pass as they are', async () => {
    const cases: [string, Buffer][] = [
      ['rootfs/base.tar.gz', gzipSync(Buffer.alloc(300_000, 'x'))],
      ['rootfs/base.dat', FULL],
      ['rootfs/a/b/base.dat.gz', gzipSync(FULL)],
      ['snapshots.yml', Buffer.from('["s1"]')],
    ];
    for (const [name, data] of cases) {
      const passed = await pass(name, data);
      assert.ok(passed.data.equals(data), name);
      assert.deepEqual(
        passed.streams.map((stream) => stream.name),
        name.includes('.dat') ? [name] : [],
      );
    }
  });

  it('that are damaged are refused', async () => {
    const tar = gzipSync(Buffer.alloc(300_000, 'x'));
    assert.match(await refusal('rootfs/base.tar.gz', tar.subarray(0, -3)), /^BAD_GZIP /);
    assert.match(await refusal('rootfs/base.tar.gz', Buffer.from('plain')), /^BAD_GZIP /);
    assert.match(await refusal('rootfs/base.dat', FULL.subarray(0, -312)), /^STREAM_CUT .*before its end/);
    assert.match(await refusal('rootfs/base.dat', gzipSync(FULL)), /^STREAM_MAGIC .*gzip data/);
    assert.match(await refusal('rootfs/base.dat.gz', gzipSync(FULL).subarray(0, -3)), /^BAD_GZIP /);
    const flipped = gzipSync(fixture('damaged/101-child-full.flip-payload'));
    assert.match(await refusal('rootfs/base.dat.gz', flipped), /^STREAM_CHECKSUM .*offset 3696/);
  });
});
