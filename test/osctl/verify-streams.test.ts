import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { VerifyReport } from '../../lib/osctl/verify.ts';
import { verifyArchive } from '../../lib/osctl/verify.ts';
import { changedMembers, makeArchive, metadata } from './archives.ts';

type Members = Record<string, string | Buffer>;

const FIXTURES = 'test/fixtures/zfs';
const fixture = (name: string): Buffer => readFileSync(`${FIXTURES}/${name}.zstream`);
const FULL = fixture('streams/101-full');
const INCREMENT = fixture('streams/101-inc-i-s1-s2');
const CHILD = fixture('streams/101-child-full');
const BASE = 'rootfs/base.dat';
const INCREMENTAL = 'rootfs/incremental.dat';

/** An archive of the format zfs with these members, and nothing else of data. */
function zfsArchive(members: Members, datasets: string[] = []): Buffer {
  const zfs = { 'rootfs/base.tar.gz': undefined, 'metadata.yml': metadata({ format: 'zfs', datasets }) };
  return makeArchive(changedMembers({ ...zfs, ...members }));
}

async function verify(archive: Buffer, pieceBytes = 65536): Promise<VerifyReport> {
  const pieces = async function* (): AsyncGenerator<Buffer> {
    for (let at = 0; at < archive.length; at += pieceBytes) yield archive.subarray(at, at + pieceBytes);
  };
  return (await verifyArchive(pieces())).report;
}

async function codesOf(members: Members, datasets?: string[]): Promise<string[]> {
  const { errors, ok } = await verify(zfsArchive(members, datasets));
  assert.equal(ok, errors.length === 0);
  return errors.map(({ code }) => code);
}

describe('send streams in an archive', () => {
  test('base, increment and a subdataset, plain or in gzip, pass', async () => {
    const plain = { [BASE]: FULL, [INCREMENTAL]: INCREMENT, 'rootfs/child/base.dat': CHILD };
    const report = await verify(zfsArchive({ ...plain, 'snapshots.yml': '["s1"]' }, ['child']), 4093);
    assert.deepEqual([report.ok, report.format, report.files, report.errors], [true, 'zfs', null, []]);
    const zipped = Object.entries(plain).map(([name, data]) => [`${name}.gz`, gzipSync(data)]);
    assert.deepEqual(await codesOf(Object.fromEntries(zipped), ['child']), []);
  });

  test('each kind that zfs send makes of one snapshot is taken as a base', async () => {
    for (const name of ['101-full-L-e', '101-full-c', '102-full-L', '102-full-Lec'])
      assert.deepEqual(await codesOf({ [BASE]: fixture(`streams/${name}`) }), [], name);
    assert.deepEqual(await codesOf({ [BASE]: fixture('zfs-fuse/fuse-full') }), []);
    const raw = await verify(zfsArchive({ [BASE]: fixture('streams/103-enc-raw-full') }));
    assert.deepEqual([raw.ok, raw.warnings.map(({ code }) => code)], [true, ['STREAM_RAW']]);
  });

  test('what would set properties, or cannot be received alone, is refused', async () => {
    const cases: [string, string[]][] = [
      ['101-full-p', ['STREAM_COMPOUND']],
      ['101-R-s1', ['STREAM_COMPOUND']],
      ['101-inc-I-s1-s3', ['STREAM_COMPOUND', 'STREAM_BASE']],
      ['101-resume', ['STREAM_RESUMING']],
      ['101-inc-i-s1-s2', ['STREAM_BASE']],
    ];
    for (const [name, expected] of cases)
      assert.deepEqual(await codesOf({ [BASE]: fixture(`streams/${name}`) }), expected, name);
  });

  test('each damaged stream is refused, with the place', async () => {
    const expected: Record<string, RegExp> = {
      '101-child-full.cut-in-begin': /^STREAM_CUT .*record 1, offset 200\)/,
      '101-child-full.cut70': /^STREAM_CUT .*in the data of record 28/,
      '101-child-full.flip-magic': /^STREAM_MAGIC .*record 1, offset 0\)/,
      '101-child-full.flip-payload': /^STREAM_CHECKSUM .*record 9, offset 3696\)/,
      '101-child-full.no-end': /^STREAM_CUT .*before its end record/,
      '101-inc-i-s1-s2.cut70': /^STREAM_CUT .*in record 47/,
      '104-R-s3.cut70': /^STREAM_CUT .*in the data of record 76/,
    };
    const names = readdirSync(`${FIXTURES}/damaged`).map((file) => file.replace(/\.zstream$/, ''));
    assert.deepEqual(names.sort(), Object.keys(expected).sort());
    for (const name of names) {
      const data = fixture(`damaged/${name}`);
      for (const members of [{ [BASE]: data }, { [`${BASE}.gz`]: gzipSync(data) }]) {
        const { errors } = await verify(zfsArchive(members));
        const [first] = errors;
        assert.match(`${first?.code} ${first?.text}`, expected[name] ?? /^$/, name);
        assert.match(first?.text ?? '', /^rootfs\/base\.dat(\.gz)?: /);
      }
    }
  });

  test('what is no send stream, or no gzip', async () => {
    const gz = gzipSync(FULL);
    const cases: [string, Members, string[]][] = [
      ['zeros', { [BASE]: Buffer.alloc(312) }, ['STREAM_MAGIC']],
      ['nothing', { [BASE]: Buffer.alloc(0) }, ['STREAM_EMPTY']],
      ['gzip in a plain name', { [BASE]: gz }, ['STREAM_MAGIC']],
      ['plain in a gzip name', { [`${BASE}.gz`]: FULL }, ['BAD_GZIP']],
      ['zeros in gzip', { [`${BASE}.gz`]: gzipSync(Buffer.alloc(312)) }, ['STREAM_MAGIC']],
      ['nothing in a gzip name', { [`${BASE}.gz`]: Buffer.alloc(0) }, ['BAD_GZIP|STREAM_EMPTY']],
      ['gzip cut off', { [`${BASE}.gz`]: gz.subarray(0, -9) }, ['BAD_GZIP']],
      ['gzip cut in its trailer', { [`${BASE}.gz`]: gz.subarray(0, -1) }, ['BAD_GZIP']],
      ['bytes behind gzip', { [`${BASE}.gz`]: Buffer.concat([gz, Buffer.from('x\n')]) }, ['BAD_GZIP']],
      ['zeros behind gzip', { [`${BASE}.gz`]: Buffer.concat([gz, Buffer.alloc(8)]) }, ['GZIP_MEMBERS']],
      [
        'two gzip members',
        { [`${BASE}.gz`]: Buffer.concat([gzipSync(FULL.subarray(0, 999)), gzipSync(FULL.subarray(999))]) },
        ['GZIP_MEMBERS'],
      ],
      ['more behind the stream', { [BASE]: Buffer.concat([FULL, Buffer.alloc(1)]) }, ['STREAM_TRAILING']],
    ];
    for (const [label, members, expected] of cases) {
      const codes = await codesOf(members);
      assert.equal(codes.length, expected.length, `${label}: ${codes}`);
      assert.ok(expected[0]?.split('|').includes(codes[0] ?? ''), `${label}: ${codes}`);
    }
  });

  test('an increment builds on the base of its own dataset, in whatever order they come', async () => {
    const later = fixture('streams/101-inc-i-s2-s3');
    assert.deepEqual(await codesOf({ [INCREMENTAL]: INCREMENT, [BASE]: FULL }), []);
    assert.deepEqual(await codesOf({ [BASE]: FULL, [INCREMENTAL]: later }), ['STREAM_BASE']);
    assert.deepEqual(await codesOf({ [BASE]: FULL, [INCREMENTAL]: FULL }), ['STREAM_BASE']);
    const swapped = {
      [BASE]: FULL,
      'rootfs/child/base.dat': CHILD,
      'rootfs/child/incremental.dat': INCREMENT,
    };
    const { errors } = await verify(zfsArchive(swapped, ['child']));
    assert.match(errors[0]?.text ?? '', /^rootfs\/child\/incremental\.dat: builds on snapshot [0-9a-f]{16}/);
    assert.deepEqual(await codesOf({ [BASE]: FULL, 'rootfs/child/base.dat': CHILD }, ['child']), []);
    assert.deepEqual(await codesOf({ [BASE]: FULL }, ['child']), ['MEMBER_MISSING']);
  });

  test('parts of a stream follow one another', async () => {
    const half = FULL.length >> 1;
    const members: [string, string | Buffer][] = changedMembers({
      'rootfs/base.tar.gz': undefined,
      [BASE]: FULL.subarray(0, half),
      'metadata.yml': metadata({ format: 'zfs', datasets: ['child'] }),
    });
    const at = members.findIndex(([name]) => name === BASE) + 1;
    const together = members.toSpliced(at, 0, [BASE, FULL.subarray(half)], ['rootfs/child/base.dat', CHILD]);
    assert.deepEqual((await verify(makeArchive(together))).errors, []);
    const apart = members.toSpliced(at, 0, ['rootfs/child/base.dat', CHILD], [BASE, FULL.subarray(half)]);
    const { errors } = await verify(makeArchive(apart));
    assert.ok(errors.some(({ code }) => code === 'MEMBER_SCATTERED'));
  });

  test('snapshots.yml names what is in the streams of every dataset', async () => {
    const members = { [BASE]: FULL, [INCREMENTAL]: INCREMENT, 'rootfs/child/base.dat': CHILD };
    const check = async (yml: string): Promise<{ errors: string[]; warnings: string[] }> => {
      const report = await verify(zfsArchive({ ...members, 'snapshots.yml': yml }, ['child']));
      const texts = (list: VerifyReport['errors']): string[] =>
        list.map(({ code, text }) => `${code} ${text}`);
      return { errors: texts(report.errors), warnings: texts(report.warnings) };
    };
    assert.deepEqual(await check('["s1"]'), {
      errors: [],
      warnings: ['SNAPSHOT_KEPT not in snapshots.yml, so they stay on the node: s2'],
    });
    const late = await check('["s1", "s2"]');
    assert.deepEqual(late.errors, [
      'SNAPSHOT_MISSING snapshots.yml: s2 is in no stream of child: the import would fail once all is received',
    ]);
    assert.equal((await check('["s9"]')).errors.length, 2);
    for (const bad of ['{}', '"s1"', '[1]', '["vz/private/101@s1"]', '["a b"]', '["$(x)"]', '[""]'])
      assert.match((await check(bad)).errors.join(), /^BAD_SNAPSHOTS /, bad);
    assert.match((await check('[')).errors.join(), /^NOT_JSON /);
  });

  test('wherever a stream is cut, or a bit turned, the archive is not right', async () => {
    const zipped = gzipSync(CHILD);
    const bit = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), fc.nat({ max: 7 }));
    await fc.assert(
      fc.asyncProperty(bit, fc.boolean(), async ([place, which], isZipped) => {
        const data = isZipped ? zipped : CHILD;
        const name = isZipped ? `${BASE}.gz` : BASE;
        const at = Math.floor(place * data.length);
        assert.notDeepEqual(await codesOf({ [name]: data.subarray(0, at) }), [], `cut at ${at}`);
        // Flags, time and names of a gzip header, and the numbers and names of the first record, have no checksum.
        if (at < (isZipped ? 10 : 312)) return;
        const bad = Buffer.from(data);
        bad[at] = (bad[at] ?? 0) ^ (1 << which);
        assert.notDeepEqual(await codesOf({ [name]: bad }), [], `bit ${which} of ${at}`);
      }),
      { numRuns: 40 },
    );
  });
});
