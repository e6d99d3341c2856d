import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { VzError } from '../../lib/errors.ts';
import { Fletcher4 } from '../../lib/zfs/fletcher4.ts';
import { payloadBytes, recordType } from '../../lib/zfs/record.ts';
import type { Expectation, StreamSummary } from '../../lib/zfs/stream-check.ts';
import { StreamCheck } from '../../lib/zfs/stream-check.ts';

const FIXTURES = 'test/fixtures/zfs';
const stream = (name: string): Buffer => readFileSync(`${FIXTURES}/${name}.zstream`);
const names = (directory: string): string[] =>
  readdirSync(`${FIXTURES}/${directory}`).map((file) => `${directory}/${file.replace(/\.zstream$/, '')}`);

function check(data: Buffer, expected: Expectation = {}, pieceBytes = 65536): StreamSummary {
  const checker = new StreamCheck(expected);
  for (let at = 0; at < data.length; at += pieceBytes) checker.push(data.subarray(at, at + pieceBytes));
  return checker.end();
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof VzError, String(error));
    assert.equal(error.exit, 65);
    return error.code;
  }
  return 'none';
}

describe('whole streams', () => {
  for (const name of [...names('streams'), ...names('zfs-fuse')]) {
    it(`${name} passes, however it is cut into pieces`, () => {
      const data = stream(name);
      const whole = check(data);
      assert.equal(whole.bytes, data.length);
      for (const pieceBytes of [1, 3, 311, 4093]) assert.deepEqual(check(data, {}, pieceBytes), whole);
    });
  }

  it('are summed up as zstream dump does it', () => {
    const { records, compound, counts, snapshots } = check(stream('streams/101-inc-I-s1-s3'));
    assert.deepEqual(
      { records, compound, ...counts },
      {
        records: 166,
        compound: true,
        ...{ BEGIN: 3, END: 4, OBJECT: 62, FREEOBJECTS: 7, WRITE: 12, FREE: 76, SPILL: 2 },
      },
    );
    assert.deepEqual(
      snapshots.map(({ toName, features }) => `${toName} ${features}`),
      ['vz/private/101@s2 4', 'vz/private/101@s3 4'],
    );
    assert.equal(snapshots[1]?.fromGuid, snapshots[0]?.toGuid);
    assert.equal(check(stream('streams/102-full-Lec')).snapshots[0]?.features, '4b0004');
  });
});

describe('damaged streams', () => {
  const expected: Record<string, RegExp> = {
    'damaged/101-child-full.cut-in-begin': /^STREAM_CUT .*cut off in record 1 \(at record 1, offset 200\)/,
    'damaged/101-child-full.cut70': /^STREAM_CUT .*cut off in the data of record 28/,
    'damaged/101-child-full.flip-magic': /^STREAM_MAGIC .*not a ZFS send stream \(at record 1, offset 0\)/,
    'damaged/101-child-full.flip-payload': /^STREAM_CHECKSUM .*\(at or before record 9, offset 3696\)/,
    'damaged/101-child-full.no-end': /^STREAM_CUT .*cut off before its end record/,
    'damaged/101-inc-i-s1-s2.cut70': /^STREAM_CUT .*cut off in record 47/,
    'damaged/104-R-s3.cut70': /^STREAM_CUT .*cut off in the data of record 76/,
  };
  for (const name of names('damaged')) {
    it(`${name} fails for its own reason`, () => {
      assert.throws(
        () => check(stream(name)),
        (error) => error instanceof VzError && (expected[name] ?? /^$/).test(`${error.code} ${error.line}`),
      );
    });
  }

  it('one turned bit anywhere behind the first header is found', () => {
    const data = stream('streams/101-child-full');
    fc.assert(
      fc.property(
        fc.integer({ min: 312, max: data.length - 1 }),
        fc.integer({ min: 0, max: 7 }),
        (at, bit) => {
          const bad = Buffer.from(data);
          bad[at] = (bad[at] ?? 0) ^ (1 << bit);
          assert.notEqual(
            codeOf(() => check(bad)),
            'none',
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it('a stream that is cut off anywhere is found, and memory is never asked for by a length in it', () => {
    const data = stream('streams/104-R-I-s1-s3');
    for (let length = 0; length < data.length; length += 97) {
      const code = codeOf(() => check(data.subarray(0, length)));
      assert.equal(code, length === 0 ? 'STREAM_EMPTY' : 'STREAM_CUT');
    }
  });

  it('any bytes are refused or pass, and nothing else', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 2000 }),
        (bytes) => void codeOf(() => check(Buffer.from(bytes))),
      ),
    );
  });

  it('what is no stream is called what it is', () => {
    const full = stream('streams/101-child-full');
    const cases: [string, Buffer, RegExp][] = [
      ['gzip', Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(400)]), /gzip data/],
      ['another byte order', swapped(full), /the other byte order/],
      ['more behind the end', Buffer.concat([full, Buffer.from('x')]), /data follows the end/],
      ['no BEGIN', full.subarray(312), /not a ZFS send stream/],
      ['a stream in a stream', Buffer.concat([full.subarray(0, 312), full]), /begins inside of another/],
      [
        'an unknown type',
        Buffer.concat([full.subarray(0, 312), Buffer.alloc(312, 0xff)]),
        /unknown record type/,
      ],
    ];
    for (const [what, data, message] of cases) assert.throws(() => check(data), message, what);
  });
});

describe('a compound stream', () => {
  const data = stream('streams/101-inc-I-s1-s3');
  const { header, inner, end } = partsOf(data);

  it('is whole only with its streams, each on the one before it', () => {
    const [first = NOTHING, second = NOTHING] = inner;
    assert.equal(inner.length, 2);
    assert.equal(check(Buffer.concat([header, first, second, end])).snapshots.length, 2);
    assert.equal(
      codeOf(() => check(Buffer.concat([header, second, first, end]))),
      'STREAM_BASE',
    );
    assert.equal(
      codeOf(() => check(Buffer.concat([header, end]))),
      'STREAM_CUT',
    );
  });
});

it('an END without a checksum is refused: old streams have no other', () => {
  const bare = withoutSums(stream('streams/101-child-full'));
  assert.equal(check(bare.whole).snapshots.length, 1);
  assert.equal(
    codeOf(() => check(bare.withoutEnd)),
    'STREAM_CHECKSUM',
  );
});

describe('the base of a stream', () => {
  const base = check(stream('streams/101-full')).snapshots[0]?.toGuid ?? '';
  const increment = stream('streams/101-inc-i-s1-s2');

  it('is the one that is expected', () => {
    assert.equal(check(increment, { fromGuid: base }).snapshots[0]?.fromGuid, base);
    assert.equal(
      codeOf(() => check(increment, { fromGuid: '0000000000000001' })),
      'STREAM_BASE',
    );
    assert.equal(
      codeOf(() => check(stream('streams/101-full'), { fromGuid: base })),
      'STREAM_BASE',
    );
    assert.equal(
      codeOf(() => check(increment, { fromGuid: null })),
      'STREAM_BASE',
    );
  });
});

/** Its outer BEGIN and END with their data, the streams in it, and the outer end. */
function partsOf(data: Buffer): { header: Buffer; inner: Buffer[]; end: Buffer } {
  const begins: number[] = [];
  for (const { at, type } of recordsOf(data)) if (type === 'BEGIN') begins.push(at);
  const cuts = [...begins.slice(1), data.length - 312];
  const inner = cuts.slice(1).map((end, index) => data.subarray(cuts[index], end));
  return { header: data.subarray(0, cuts[0]), inner, end: data.subarray(-312) };
}

/** As zfs before 0.6.4 writes it: only END has a sum; and the same without that one. */
function withoutSums(data: Buffer): { whole: Buffer; withoutEnd: Buffer } {
  const whole = Buffer.from(data);
  const sum = new Fletcher4();
  let behind = 0;
  for (const { at, type } of recordsOf(data)) {
    if (type === 'BEGIN') continue;
    whole.fill(0, at + 280, at + 312);
    sum.update(whole.subarray(behind, at));
    behind = at;
    if (type === 'END') sum.digest().copy(whole, at + 8);
  }
  const withoutEnd = Buffer.from(whole);
  withoutEnd.fill(0, withoutEnd.length - 304, withoutEnd.length - 272);
  return { whole, withoutEnd };
}

function* recordsOf(data: Buffer): Generator<{ at: number; type: string | undefined }> {
  for (let at = 0; at < data.length; ) {
    const header = data.subarray(at, at + 312);
    const type = recordType(header);
    yield { at, type };
    at += 312 + (type === undefined ? 0 : payloadBytes(type, header));
  }
}

const NOTHING = Buffer.alloc(0);

/** The type, the magic and the version of a stream from a big-endian machine. */
function swapped(data: Buffer): Buffer {
  const head = Buffer.from(data.subarray(0, 312));
  head.subarray(8, 16).reverse();
  return head;
}
