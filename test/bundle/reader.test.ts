import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { ArchiveEnd } from '../../lib/bundle/reader.ts';
import { readMembers } from '../../lib/bundle/reader.ts';
import { VzError } from '../../lib/errors.ts';

const LONG = `${'d'.repeat(90)}/${'f'.repeat(60)}`;
const FILES: Record<string, string> = {
  'a.yml': 'first',
  'b/c': 'x'.repeat(1500),
  empty: '',
  [LONG]: 'long',
};

/** An archive made by GNU tar, from files in a directory of its own. */
function gnuTar(format: string, change: (dir: string) => string[] = () => [], files = FILES): Buffer {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-test-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      execFileSync('mkdir', ['-p', join(dir, name, '..')]);
      writeFileSync(join(dir, name), text);
    }
    const more = change(dir);
    return execFileSync('tar', ['-C', dir, `--format=${format}`, '-c', ...Object.keys(files), ...more]);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

async function* inChunks(data: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
}

interface ReadResult {
  readonly files: Record<string, string>;
  readonly end: ArchiveEnd | undefined;
}

async function readAll(data: Buffer, chunkSize = 65536): Promise<ReadResult> {
  const files: Record<string, string> = {};
  let end: ArchiveEnd | undefined;
  const onEnd = (value: ArchiveEnd): void => {
    end = value;
  };
  for await (const member of readMembers(inChunks(data, chunkSize), { onEnd })) {
    const chunks: Buffer[] = [];
    for await (const chunk of member.data) chunks.push(chunk);
    files[member.name] = Buffer.concat(chunks).toString();
  }
  return { files, end };
}

async function refusal(data: Buffer): Promise<VzError> {
  try {
    await readAll(data);
  } catch (error) {
    if (error instanceof VzError) return error;
    throw error;
  }
  return assert.fail('read without an error');
}

/** The header at `offset` with other bytes and its checksum made right. */
function patchHeader(data: Buffer, offset: number, at: number, bytes: string): Buffer {
  const copy = Buffer.from(data);
  copy.write(bytes, offset + at, 'latin1');
  copy.write('        ', offset + 148, 'latin1');
  const sum = copy.subarray(offset, offset + 512).reduce((total, byte) => total + byte, 0);
  copy.write(`${sum.toString(8).padStart(6, '0')}\0 `, offset + 148, 'latin1');
  return copy;
}

describe('readMembers', () => {
  const archive = gnuTar('ustar');

  test('reads what GNU tar wrote, whatever the size of the chunks', async () => {
    for (const size of [1, 100, 511, 512, 513, 65536]) {
      const { files, end } = await readAll(archive, size);
      assert.deepEqual(files, FILES, `chunks of ${size}`);
      assert.deepEqual(end, { ended: true, sizeBytes: archive.length, directories: 0 });
    }
  });

  test('reads v7 headers, and GNU headers without extensions', async () => {
    for (const format of ['v7', 'gnu']) {
      const { files } = await readAll(gnuTar(format, () => [], { 'a.yml': 'first' }));
      assert.deepEqual(files, { 'a.yml': 'first' });
    }
  });

  test('counts directories and yields nothing for them', async () => {
    const { files, end } = await readAll(
      gnuTar('ustar', (dir) => {
        execFileSync('mkdir', [join(dir, 'dir')]);
        return ['dir'];
      }),
    );
    assert.deepEqual(Object.keys(files), Object.keys(FILES));
    assert.equal(end?.directories, 1);
  });

  test('skips data that nobody reads', async () => {
    const names: string[] = [];
    for await (const member of readMembers(inChunks(archive, 700))) {
      names.push(member.name);
      for await (const _ of member.data) break;
    }
    assert.deepEqual(names, Object.keys(FILES));
  });

  test('tells an archive without end blocks', async () => {
    const lastBlock = archive.lastIndexOf('long') + 512 - (archive.lastIndexOf('long') % 512);
    const { files, end } = await readAll(archive.subarray(0, lastBlock));
    assert.deepEqual(files, FILES);
    assert.equal(end?.ended, false);
  });

  test('refuses an archive that is cut off, at every byte that matters', async () => {
    const lastBlock = Math.ceil(archive.lastIndexOf('long') / 512) * 512;
    for (const cut of [1, 511, 513, 600, 1023, 1025, lastBlock - 1, lastBlock - 511]) {
      const error = await refusal(archive.subarray(0, cut));
      assert.equal(error.code, 'ARCHIVE_CUT_OFF', `cut at ${cut}`);
      assert.equal(error.exit, 65);
      assert.equal(error.where, `byte ${cut} of the archive`);
    }
  });

  test('any cut is an error, or leaves only whole members', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: archive.length }), async (cut) => {
        try {
          const { files } = await readAll(archive.subarray(0, cut));
          for (const [name, text] of Object.entries(files)) assert.equal(text, FILES[name]);
        } catch (error) {
          assert.ok(error instanceof VzError);
          assert.equal(error.exit, 65);
        }
      }),
    );
  });

  test('any bytes give members or a typed error', async () => {
    const flip = fc.record({ at: fc.integer({ min: 0, max: 1023 }), byte: fc.integer({ min: 0, max: 255 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(flip, { minLength: 1, maxLength: 4 }), async (flips) => {
        const copy = Buffer.from(archive);
        for (const { at, byte } of flips) copy[at] = byte;
        await readAll(copy).catch((error: unknown) => assert.ok(error instanceof VzError));
      }),
    );
  });

  test('refuses bytes behind the end', async () => {
    const error = await refusal(Buffer.concat([archive, Buffer.from('\0\0x')]));
    assert.equal(error.code, 'ARCHIVE_TAIL');
    assert.equal(error.where, `byte ${archive.length + 2} of the archive`);
  });

  test('refuses what TarReader cannot read', async () => {
    const cases: [string, Buffer, RegExp][] = [
      ['GNU long name', gnuTar('gnu'), /GNU long name/],
      ['PAX header', gnuTar('pax'), /PAX header/],
      [
        'symbolic link',
        gnuTar('ustar', (dir) => {
          symlinkSync('a.yml', join(dir, 'link'));
          return ['link'];
        }),
        /symbolic link/,
      ],
      ['base-256 size', patchHeader(archive, 0, 124, '\x80\0\0\0\0\0\0\0\0\0\0\x05'), /size in base 256/],
      ['base-256 owner', patchHeader(archive, 0, 108, '\x80\0\0\0\0\x04\0\0'), /uid in base 256/],
      ['decimal mtime', patchHeader(archive, 0, 136, '00000000099\0'), /mtime "00000000099" is not octal/],
      [
        'name that is not ASCII',
        patchHeader(archive, 0, 0, 'caf\xe9'.padEnd(100, '\0')),
        /not printable ASCII/,
      ],
      ['name with a newline', patchHeader(archive, 0, 0, 'a\nb'.padEnd(100, '\0')), /not printable ASCII/],
      ['other magic', patchHeader(archive, 0, 257, 'whatever'), /unknown header format/],
    ];
    for (const [label, data, text] of cases) {
      const error = await refusal(data);
      assert.equal(error.code, 'TAR_DIALECT', label);
      assert.match(error.what, text);
      assert.match(error.where ?? '', /^byte \d+ of the archive$/);
    }
  });

  test('refuses names and fields that TarReader and GNU tar read differently', async () => {
    const name = (text: string, prefix = ''): Buffer =>
      patchHeader(patchHeader(archive, 0, 0, text.padEnd(100, '\0')), 0, 345, prefix.padEnd(155, '\0'));
    const v7 = (data: Buffer): Buffer => patchHeader(data, 0, 257, '\0'.repeat(8));
    const cases: [string, Buffer, RegExp][] = [
      ['blank behind the name', name('metadata.yml '), /readers join differently/],
      ['blank behind the prefix', name('container.yml', 'config '), /readers join differently/],
      ['slash behind the prefix', name('container.yml', 'config/'), /readers join differently/],
      ['slash before the name', name('/container.yml', 'config'), /readers join differently/],
      ['prefix without ustar', v7(name('container.yml', 'config')), /prefix without ustar/],
      ['text behind the NUL of a name', name('metadata.yml\0junk'), /something behind the end of name/],
      ['text behind the NUL of a prefix', name('b', 'a\0junk'), /something behind the end of prefix/],
      ['digit behind the NUL of a mode', patchHeader(archive, 0, 100, '00644\0 9'), /behind the end of mode/],
      ['digit behind the NUL of a size', patchHeader(archive, 0, 124, '0000000005\x000'), /end of size/],
    ];
    for (const [label, data, text] of cases) {
      const error = await refusal(data);
      assert.equal(error.code, 'TAR_DIALECT', label);
      assert.match(error.what, text, label);
    }
  });

  test('refuses a damaged header and a compressed archive', async () => {
    const damaged = Buffer.from(archive);
    damaged[0] = 0x7a;
    assert.equal((await refusal(damaged)).code, 'TAR_CHECKSUM');
    // Some of these have a NUL where a header has its checksum.
    for (let round = 0; round < 100; round += 1) {
      assert.equal((await refusal(gzipSync(randomBytes(4096)))).code, 'TAR_CHECKSUM');
    }
  });

  test('passes the errors of its input through', async () => {
    const broken = async function* (): AsyncGenerator<Buffer> {
      yield archive.subarray(0, 600);
      throw new Error('disk on fire');
    };
    await assert.rejects(async () => {
      for await (const _ of readMembers(broken()));
    }, /disk on fire/);
  });
});
