import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { VzError } from '../../../lib/errors.ts';
import { readTar } from '../../../lib/source/offline/tar-entries.ts';

async function* chunks(archive: Buffer, bytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < archive.length; at += bytes) yield archive.subarray(at, at + bytes);
}

interface Read {
  readonly entries: string[];
  readonly dataBytes: number;
  /** All but the end, joined. */
  readonly whole: Buffer;
}

async function read(archive: Buffer, bytes = 1000): Promise<Read> {
  const entries: string[] = [];
  const parts: Buffer[] = [];
  let dataBytes = 0;
  for await (const part of readTar(chunks(archive, bytes), 'a.tar')) {
    if (part.kind === 'data') {
      dataBytes += part.bytes;
      parts.push(part.chunk);
      continue;
    }
    const { name, type, linkName, uid, gid } = part.entry;
    entries.push(`${type} ${Buffer.from(name, 'latin1')}${linkName && ` ${linkName}`} ${uid}:${gid}`);
    parts.push(...part.extensions.flatMap(({ header, data }) => [header, data]), part.header, part.sparse);
  }
  return { entries, dataBytes, whole: Buffer.concat(parts) };
}

/** A tree with what dialects differ in. */
function makeTree(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'vz2osctl-tar-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(join(dir, 'd'));
  writeFileSync(join(dir, 'd/file'), 'x'.repeat(700));
  linkSync(join(dir, 'd/file'), join(dir, 'd/hard'));
  symlinkSync('../over/there', join(dir, 'd/link'));
  writeFileSync(join(dir, 'ü\nodd'), '');
  const long = join(dir, 'n'.repeat(90), 'm'.repeat(90));
  mkdirSync(long, { recursive: true });
  writeFileSync(join(long, 'deep'), 'y');
  writeFileSync(join(dir, 'sparse'), '');
  for (let at = 0; at < 40; at += 1) {
    const hole = [
      'dd',
      ['if=/dev/urandom', `of=${join(dir, 'sparse')}`, 'bs=4096', 'count=1', `seek=${at * 16}`],
    ] as const;
    execFileSync(hole[0], [...hole[1], 'conv=notrunc'], { stdio: 'ignore' });
  }
  truncateSync(join(dir, 'sparse'), 4 * 1024 ** 2);
  return dir;
}

const pack = (dir: string, ...flags: string[]): Buffer =>
  execFileSync(
    'tar',
    ['-C', dir, '--sort=name', '--owner=70000', '--group=3000000', ...flags, '-cf', '-', '.'],
    {
      maxBuffer: 1e9,
    },
  );

describe('a tar of GNU tar', () => {
  for (const flags of [
    ['--format=gnu', '--sparse'],
    ['--format=posix', '--sparse'],
    ['--format=gnu'],
    ['--format=posix'],
  ]) {
    it(`is read entry by entry, and is as it was when they are joined: ${flags.join(' ')}`, async (t) => {
      const dir = makeTree(t);
      const archive = pack(dir, ...flags);
      for (const bytes of [1, 511, 100_000].filter((size) => size > 1 || archive.length < 1_000_000)) {
        const { entries, whole } = await read(archive, bytes);
        assert.ok(archive.subarray(0, whole.length).equals(whole));
        assert.ok(archive.subarray(whole.length).every((byte) => byte === 0));
        const deep = `${'n'.repeat(90)}/${'m'.repeat(90)}`;
        const sparse = flags[0] === '--format=gnu' && flags[1] ? 'S' : '0';
        assert.deepEqual(
          entries.map((entry) => entry.replace(/ 70000:3000000$/, '')).sort(),
          [
            '0 d/file',
            `0 ${deep}/deep`,
            '0 ü\nodd',
            '1 d/hard ./d/file',
            '2 d/link ../over/there',
            '5 ',
            '5 d',
            `5 ${deep}`,
            `5 ${deep.slice(0, 90)}`,
            `${sparse} sparse`,
          ].sort(),
        );
        assert.ok(entries.every((entry) => entry.endsWith(' 70000:3000000')));
      }
    });
  }

  it('that is cut off anywhere says so, and where', async (t) => {
    const archive = pack(makeTree(t), '--format=gnu', '--sparse');
    const end = (await read(archive)).whole.length;
    for (const at of [0, 1, 511, 512, 513, 2000, Math.floor(end / 2), end - 512, end - 1, end, end + 511]) {
      await assert.rejects(read(archive.subarray(0, at)), (error) => {
        assert.ok(error instanceof VzError, String(error));
        assert.deepEqual([error.exit, error.code], [65, 'ARCHIVE_CUT']);
        return error.line.startsWith(`a.tar: the archive is cut off at byte ${at}, unpacked`);
      });
    }
    await read(archive.subarray(0, end + 512));
  });
});

describe('what is no tar', () => {
  it('is refused with a typed error, and never held in memory', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 3000 }), async (bytes) => {
        await read(Buffer.from(bytes)).then(
          () => {},
          (error: unknown) => assert.ok(error instanceof VzError && error.exit === 65, String(error)),
        );
      }),
    );
  });

  it('may have any bytes in its headers', async (t) => {
    const archive = pack(makeTree(t), '--format=posix');
    await fc.assert(
      fc.asyncProperty(fc.nat(3000), fc.nat(255), async (at, byte) => {
        const changed = Buffer.from(archive);
        changed[at] = byte;
        await read(changed).then(
          () => {},
          (error: unknown) => assert.ok(error instanceof VzError && error.exit === 65, String(error)),
        );
      }),
      { numRuns: 300 },
    );
  });
});
