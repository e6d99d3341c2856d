import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { VerifyReport } from '../../lib/osctl/verify.ts';
import { verifyArchive } from '../../lib/osctl/verify.ts';
import { verifyToJson } from '../../lib/osctl/verify-main.ts';
import {
  changedMembers,
  containerDocument,
  goodMembers,
  makeArchive,
  makeRootfs,
  metadata,
} from './archives.ts';

async function* inChunks(data: Buffer, size = 65536): AsyncGenerator<Buffer> {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
}

const verify = async (data: Buffer): Promise<VerifyReport> => (await verifyArchive(inChunks(data))).report;
const verifyChanged = (changes: Record<string, string | Buffer | undefined>): Promise<VerifyReport> =>
  verify(makeArchive(changedMembers(changes)));
const codes = (findings: VerifyReport['errors']): string[] => findings.map(({ code }) => code);

/** The config of the document with some keys replaced. */
const config = (changes: object): string => JSON.stringify({ ...containerDocument().config, ...changes });

describe('verifyArchive', () => {
  test('a good archive is good', async () => {
    const { members, ...report } = await verify(makeArchive(goodMembers()));
    assert.deepEqual(report, {
      kind: 'archive-report',
      ok: true,
      container: '101',
      format: 'tar',
      files: 5,
      errors: [],
      warnings: [],
    });
    assert.deepEqual(
      members.map(({ name, segments }) => [name, segments]),
      goodMembers().map(([name]) => [name, 1]),
    );
  });

  test('segments of one name are one payload, wherever they are cut', async () => {
    const rootfs = makeRootfs();
    const pieces = [rootfs.subarray(0, 1), rootfs.subarray(1, 40), rootfs.subarray(40)];
    const members = goodMembers().flatMap(([name, data]) =>
      name === 'rootfs/base.tar.gz'
        ? pieces.map((piece): [string, Buffer] => [name, piece])
        : [[name, data] as const],
    );
    const report = await verify(makeArchive(members));
    assert.deepEqual([report.errors, report.files], [[], 5]);
    assert.deepEqual(report.members[1], { name: 'rootfs/base.tar.gz', segments: 3, bytes: rootfs.length });
  });

  test('faults of members', async () => {
    const cases: [string, Record<string, string | Buffer | undefined>, string][] = [
      ['no metadata', { 'metadata.yml': undefined }, 'MEMBER_MISSING'],
      ['no config', { 'config/container.yml': undefined }, 'MEMBER_MISSING'],
      ['no payload', { 'rootfs/base.tar.gz': undefined }, 'MEMBER_MISSING'],
      ['Integer id', { 'metadata.yml': metadata({ container: 101 }) }, 'BAD_METADATA'],
      ['id with a slash', { 'metadata.yml': metadata({ container: 'a/b' }) }, 'BAD_METADATA'],
      ['unknown format', { 'metadata.yml': metadata({ format: 'rar' }) }, 'BAD_METADATA'],
      ['no datasets', { 'metadata.yml': metadata({ datasets: undefined }) }, 'BAD_METADATA'],
      ['dataset before its parent', { 'metadata.yml': metadata({ datasets: ['a/b', 'a'] }) }, 'BAD_METADATA'],
      ['dataset for a shell', { 'metadata.yml': metadata({ datasets: ['$(reboot)'] }) }, 'BAD_METADATA'],
      ['group without slash', { 'metadata.yml': metadata({ group: 'default' }) }, 'BAD_METADATA'],
      ['metadata that is no map', { 'metadata.yml': '[]' }, 'BAD_METADATA'],
      ['metadata that is no JSON', { 'metadata.yml': '{"container": ' }, 'NOT_JSON'],
      ['metadata that is not UTF-8', { 'metadata.yml': Buffer.from([0x22, 0xff, 0x22]) }, 'NOT_UTF8'],
      [
        'surrogate escapes',
        { 'config/container.yml': `${config({}).slice(0, -1)},"x":"\\ud83d\\ude00"}` },
        'YAML_TRAP',
      ],
      ['raw DEL', { 'config/container.yml': config({ hostname: 'a\x7f' }) }, 'YAML_TRAP'],
      ['1e3', { 'config/container.yml': config({}).replace('1024', '1e3') }, 'YAML_TRAP'],
      ['wrong type in the config', { 'config/container.yml': config({ version: 6 }) }, 'BAD_CONFIG'],
      ['state of osctld', { 'config/container.yml': config({ state: 'staged' }) }, 'BAD_CONFIG'],
      ['merge key', { 'config/container.yml': config({ '<<': { hostname: 'x' } }) }, 'YAML_TRAP'],
      ['no distribution', { 'config/container.yml': config({ distribution: undefined }) }, 'BAD_CONFIG'],
      [
        'unknown interface',
        { 'config/container.yml': config({ net_interfaces: [{ type: 'venet' }] }) },
        'BAD_CONFIG',
      ],
      ['name with ./', { './metadata.yml': metadata({}) }, 'BAD_NAME'],
      ['huge metadata', { 'metadata.yml': Buffer.alloc(17 * 1024 * 1024, 0x20) }, 'MEMBER_TOO_LARGE'],
    ];
    for (const [label, changes, code] of cases) {
      const report = await verifyChanged(changes);
      assert.equal(report.ok, false, label);
      assert.ok(codes(report.errors).includes(code), `${label}: ${JSON.stringify(report.errors)}`);
    }
  });

  test('small members are single, metadata.yml is the last', async () => {
    const twice = await verify(makeArchive([...goodMembers(), ['metadata.yml', metadata({})]]));
    assert.deepEqual(codes(twice.errors), ['MEMBER_TWICE']);
    const notLast = await verify(makeArchive([...goodMembers(), ['vz2osctl/notes', '']]));
    assert.deepEqual(codes(notLast.errors), ['METADATA_NOT_LAST']);
  });

  test('faults of the root filesystem', async () => {
    const plain = makeRootfs([], ['cat']);
    const half = plain.subarray(0, 1024);
    const cases: [string, Buffer, string][] = [
      ['owner above 65535', makeRootfs(['--owner=70000']), 'FOREIGN_IDS'],
      ['group above 65535', makeRootfs(['--group=4000000']), 'FOREIGN_IDS'],
      ['names in PAX headers', makeRootfs(['--format=pax', '--pax-option=uname=daemon']), 'OWNER_NAMES'],
      ['absolute names', makeRootfs(['--transform=s,^\\./etc,/etc,']), 'BAD_PATHS'],
      ['names with ..', makeRootfs(['--transform=s,^\\./etc,../etc,']), 'BAD_PATHS'],
      ['not compressed', plain, 'ROOTFS_BROKEN'],
      ['other compressor', makeRootfs([], ['bzip2']), 'ROOTFS_BROKEN'],
      ['gzip cut off', gzipSync(plain).subarray(0, -5), 'ROOTFS_BROKEN'],
      [
        'garbage behind gzip',
        Buffer.concat([gzipSync(plain), Buffer.from('garbage')]),
        'GZIP_MEMBERS|ROOTFS_BROKEN',
      ],
      ['entries behind the end', gzipSync(Buffer.concat([plain, plain])), 'BEHIND_END'],
      ['tar cut off at an entry', gzipSync(half), 'ROOTFS_CUT_OFF'],
      ['tar cut off inside a header', gzipSync(plain.subarray(0, 700)), 'ROOTFS_CUT_OFF'],
      ['empty tar', gzipSync(Buffer.alloc(10240)), 'ROOTFS_EMPTY'],
      ['nothing at all', Buffer.alloc(0), 'ROOTFS_BROKEN'],
    ];
    for (const [label, rootfs, code] of cases) {
      const report = await verifyChanged({ 'rootfs/base.tar.gz': rootfs });
      assert.ok(
        codes(report.errors).some((found) => code.split('|').includes(found)),
        `${label}: ${JSON.stringify(report.errors)}`,
      );
    }
  });

  test('a tar of any blocking is read to its end', async () => {
    for (const blocking of ['1', '3', '200']) {
      const report = await verifyChanged({ 'rootfs/base.tar.gz': makeRootfs(['-b', blocking]) });
      assert.deepEqual(report.errors, [], blocking);
    }
  });

  test('several gzip members are refused, though osctld reads them', async () => {
    const plain = makeRootfs([], ['cat']);
    const rootfs = Buffer.concat([gzipSync(plain.subarray(0, 1500)), gzipSync(plain.subarray(1500))]);
    const report = await verifyChanged({ 'rootfs/base.tar.gz': rootfs });
    assert.deepEqual(codes(report.errors), ['GZIP_MEMBERS']);
  });

  test('an archive of osctl itself: YAML, metadata first, keys that we do not know', async () => {
    const members: [string, string | Buffer][] = [
      ['metadata.yml', metadata({ type: undefined })],
      [
        'config/container.yml',
        config({
          start_menu: null,
          devices: [{ type: 'char', major: '10', minor: '229', mode: 'rwm' }],
          nesting: undefined,
          prlimits: [{ name: 'nofile', soft: 1, hard: 2 }],
          arch: 'i686',
        }),
      ],
      ['config/group.yml', '---\ncgparams: []\n'],
      ['rootfs/base.tar.gz', makeRootfs()],
    ];
    const report = await verify(makeArchive(members));
    assert.deepEqual(report.errors, []);
    assert.deepEqual([...new Set(codes(report.warnings))].sort(), [
      'ABSENT_KEY',
      'METADATA_NOT_LAST',
      'NODE_DEPENDENT',
      'UNCHECKED_YAML',
      'UNKNOWN_KEY',
      'UNUSUAL_VALUE',
    ]);
  });

  test('a megabyte of text in one string is no reason to fail', async () => {
    const long = `${'x'.repeat(9_000_000)}${'\\'.repeat(2_000_000)}`;
    const report = await verifyChanged({ 'config/container.yml': config({ extra: long }) });
    assert.deepEqual(report.errors, []);
  });

  test('wherever an archive is cut, or a byte is changed, it does not pass for whole', async () => {
    const archive = makeArchive(goodMembers());
    const end = archive.length - 1024;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: end - 1 }), async (cut) => {
        assert.equal((await verify(archive.subarray(0, cut))).ok, false, `cut at ${cut}`);
      }),
      { numRuns: 60 },
    );
    const start = archive.indexOf(gunzipMagic);
    for (let at = start + 20; at < start + makeRootfs().length; at += 23) {
      const copy = Buffer.from(archive);
      copy[at] = (copy[at] ?? 0) ^ 0x55;
      assert.equal((await verify(copy)).ok, false, `byte ${at} changed`);
    }
  });

  test('errors of the input pass through', async () => {
    const broken = async function* (): AsyncGenerator<Buffer> {
      yield makeArchive(goodMembers()).subarray(0, 4000);
      throw new Error('disk on fire');
    };
    await assert.rejects(verifyArchive(broken()), /disk on fire/);
  });
});

test('verifyToJson writes the report and returns the exit code', async () => {
  const output = new PassThrough();
  assert.equal(await verifyToJson(inChunks(makeArchive(goodMembers())), output), 0);
  assert.equal(JSON.parse(String(output.read())).ok, true);
  assert.equal(await verifyToJson(inChunks(Buffer.alloc(1024)), output), 65);
});

const gunzipMagic = Buffer.from([0x1f, 0x8b, 8]);
