import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { DirectSink } from '../../lib/osctl/direct-sink.ts';
import { Frames } from '../../lib/osctl/frames.ts';
import { NodeEnded } from '../../lib/osctl/node-process.ts';
import { type VerifyReport, verifyArchive } from '../../lib/osctl/verify.ts';
import { changedMembers, goodMembers, makeArchive, metadata } from './archives.ts';

const fixture = (name: string): Buffer => readFileSync(`test/fixtures/zfs/streams/${name}.zstream`);
const [FULL, INCREMENT, CHILD] = ['101-full', '101-inc-i-s1-s2', '101-child-full'].map(fixture) as [
  Buffer,
  Buffer,
  Buffer,
];

interface Frame {
  readonly kind: string;
  readonly data: Buffer;
}

interface Sent {
  /** Consecutive ones of data joined. */
  readonly frames: readonly Frame[];
  readonly report: VerifyReport;
  readonly error: unknown;
}

/** What the node would get of an archive that arrives in pieces. */
async function send(archive: Buffer, pieceBytes = 4093): Promise<Sent> {
  const wire = new PassThrough({ highWaterMark: 1 << 30 });
  const frames = new Frames(wire);
  const sink = new DirectSink(frames);
  const pieces = async function* (): AsyncGenerator<Buffer> {
    for (let at = 0; at < archive.length; at += pieceBytes) yield archive.subarray(at, at + pieceBytes);
  };
  const { report, contents } = await verifyArchive(pieces(), { sink });
  let error: unknown = null;
  try {
    if (contents.metadata) sink.judge(contents.metadata);
    if (report.ok) await sink.finish();
  } catch (thrown) {
    error = thrown;
  }
  frames.stop();
  return { frames: readFrames((wire.read() as Buffer | null) ?? Buffer.alloc(0)), report, error };
}

function readFrames(bytes: Buffer): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [kind = '', size = ''] = bytes.toString('latin1', at, at + 15).split(/ +/);
    assert.equal(bytes[at + 15], 0x0a);
    const data = bytes.subarray(at + 16, at + 16 + Number(size));
    const last = frames.at(-1);
    if (kind === 'data' && last?.kind === 'data') {
      frames[frames.length - 1] = { kind, data: Buffer.concat([last.data, data]) };
    } else frames.push({ kind, data });
    at += 16 + Number(size);
  }
  return frames;
}

function zfsArchive(members: Record<string, Buffer>, datasets: string[] = []): Buffer {
  const zfs = { 'rootfs/base.tar.gz': undefined, 'metadata.yml': metadata({ format: 'zfs', datasets }) };
  return makeArchive(changedMembers({ ...zfs, ...members }));
}

const text = (data: string): Buffer => Buffer.from(data);

describe('what the node gets of an archive', () => {
  test('a tar in segments is one payload, byte for byte', async () => {
    const [document, [name, payload] = ['', ''], ...last] = goodMembers();
    const data = Buffer.from(payload);
    const halves = [data.subarray(0, 100), data.subarray(100)].map((half): [string, Buffer] => [name, half]);
    const { frames, report, error } = await send(makeArchive([document ?? ['', ''], ...halves, ...last]));
    assert.deepEqual([report.errors, error], [[], null]);
    const expected = [
      { kind: 'tar', data: text('') },
      { kind: 'data', data },
      { kind: 'end', data: text('') },
    ];
    assert.deepEqual(frames, expected);
  });

  test('streams, each with its dataset', async () => {
    const members = {
      'rootfs/base.dat': FULL,
      'rootfs/child/base.dat.gz': gzipSync(CHILD),
      'rootfs/incremental.dat': INCREMENT,
    };
    const { frames, report, error } = await send(zfsArchive(members, ['child']));
    assert.deepEqual([report.errors, error], [[], null]);
    const payloads = Object.values(members);
    const begins = [
      { kind: 'stream', data: text('') },
      { kind: 'gzip', data: text('child') },
      { kind: 'stream', data: text('') },
    ];
    const expected = begins.flatMap((begin, index) => [
      begin,
      { kind: 'data', data: payloads[index] },
      { kind: 'end', data: text('') },
    ]);
    assert.deepEqual(frames, expected);
  });

  test('a damaged stream has no end, and what follows is not sent', async () => {
    const damaged = Buffer.from(FULL);
    damaged[5000] = (damaged[5000] ?? 0) ^ 1;
    const { frames, report } = await send(
      zfsArchive({ 'rootfs/base.dat': damaged, 'rootfs/incremental.dat': INCREMENT }),
    );
    assert.deepEqual(
      frames.map(({ kind }) => kind),
      ['stream'],
    );
    assert.deepEqual(
      report.errors.map(({ code }) => code),
      ['STREAM_CHECKSUM'],
    );
  });

  test('a compound stream is not begun, however small the pieces that it comes in', async () => {
    const compound = fixture('101-full-p');
    for (const members of [{ 'rootfs/base.dat': compound }, { 'rootfs/base.dat.gz': gzipSync(compound) }]) {
      for (const pieceBytes of [100, 100_000]) {
        const { frames, report } = await send(zfsArchive(members), pieceBytes);
        assert.deepEqual(frames, []);
        assert.match(report.errors[0]?.text ?? '', /a compound stream/);
      }
    }
  });

  test('what does not fit together is refused', async () => {
    const cases: [Record<string, Buffer>, string[], RegExp][] = [
      [
        { 'rootfs/incremental.dat': INCREMENT, 'rootfs/base.dat': FULL },
        [],
        /incremental\.dat comes before rootfs\/base\.dat/,
      ],
      [
        { 'rootfs/a/b/base.dat': CHILD, 'rootfs/base.dat': FULL },
        ['a', 'a/b'],
        /comes before rootfs\/a\/base\.dat/,
      ],
      [
        { 'rootfs/base.dat': FULL, 'rootfs/base.dat.gz': gzipSync(FULL) },
        [],
        /a second base stream of one dataset/,
      ],
      [{ 'rootfs/base.dat': FULL, 'rootfs/$(x)/base.dat': CHILD }, [], /no name for a dataset/],
    ];
    for (const [members, datasets, expected] of cases) {
      const { report } = await send(zfsArchive(members, datasets));
      assert.match(report.errors[0]?.text ?? '', expected);
    }
    const { error } = await send(zfsArchive({ 'rootfs/base.dat': FULL, 'rootfs/child/base.dat': CHILD }));
    assert.match(String(error), /dataset child is in metadata\.yml or sent, not both/);
  });
});

describe('frames', () => {
  test('where nothing flows, what is gathered goes, and then signs of life', async () => {
    const wire = new PassThrough();
    const frames = new Frames(wire, 20);
    await frames.data(text('abc'));
    await setTimeout(200);
    frames.stop();
    const [first, ...others] = readFrames(wire.read() as Buffer);
    assert.deepEqual(first, { kind: 'data', data: text('abc') });
    assert.ok(others.length > 1 && others.every(({ kind }) => kind === 'keep'));
  });

  test('a process that has closed its input', async () => {
    const wire = new PassThrough();
    wire.destroy();
    const frames = new Frames(wire);
    await assert.rejects(frames.send('commit'), NodeEnded);
    frames.stop();
  });
});
