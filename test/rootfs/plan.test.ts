import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseCompression } from '../../lib/export/compress-at.ts';
import { chooseCompressor, describeCompressor } from '../../lib/export/compressor.ts';
import { packScript } from '../../lib/rootfs/packer.ts';
import { tarCommand } from '../../lib/rootfs/tar.ts';

const NEW = { version: '1.34', xattrs: true, sparse: true };
const OLD = { version: '1.23', xattrs: false, sparse: false };

test("tar gets what the node's tar knows, and no more", () => {
  const command = tarCommand('/vz/private/101', NEW, []);
  for (const word of ['--numeric-owner', '--one-file-system', '--sparse', '--xattrs', '--exclude=./dev/*']) {
    assert.ok(command.includes(word), word);
  }
  const old = tarCommand('/vz/private/101', OLD, []);
  assert.ok(!old.includes('--sparse') && !old.includes('--xattrs'));
  assert.ok(old.includes('--numeric-owner'));
});

test('excludes are below the root, however they are written', () => {
  const command = tarCommand('/p', OLD, ['/var/cache', 'tmp/*', './x', '//y', '-z']);
  assert.deepEqual(
    command.filter((word) => word.startsWith('--exclude')),
    [
      '--exclude=./dev/*',
      '--exclude=./var/cache',
      '--exclude=./tmp/*',
      '--exclude=./x',
      '--exclude=./y',
      '--exclude=./-z',
    ],
  );
});

test('the fastest gzip that knows the level is chosen', () => {
  const choose = (available: string[], compression: 'auto' | 'gzip' | 'off', level?: number): string =>
    describeCompressor(chooseCompressor(available, { compression, level }));
  const all = ['igzip', 'pigz', 'gzip'];
  assert.equal(choose(all, 'auto'), 'igzip -1');
  assert.equal(choose(all, 'gzip', 3), 'igzip -3');
  assert.equal(choose(all, 'auto', 6), 'pigz -6');
  assert.equal(choose(['gzip'], 'auto'), 'gzip -1');
  assert.equal(choose([], 'auto', 9), 'zlib level 9 in this process');
  assert.equal(choose(all, 'off'), 'gzip level 0');
  assert.equal(choose(all, 'off', 9), 'gzip level 0');
  assert.equal(choose(all, 'auto', 0), 'gzip level 0');
});

test('a tar is compressed on the node, or here, wherever gzip is fast', () => {
  const choose = (options: Partial<Parameters<typeof chooseCompression>[0]>): string =>
    chooseCompression({
      ...{ compressAt: 'auto', remote: 'root@vz6', source: ['gzip'], here: ['pigz', 'gzip'] },
      ...{ compression: 'auto', level: undefined },
      ...options,
    }).text;
  const all = ['igzip', 'pigz', 'gzip'];
  const cases: readonly (readonly [Partial<Parameters<typeof chooseCompression>[0]>, string])[] = [
    [{}, 'compressed here with pigz -1: root@vz6 has only gzip'],
    [{ source: all }, 'compressed on root@vz6 with igzip -1: it has igzip, and less crosses the link'],
    [
      { source: all, level: 9 },
      'compressed on root@vz6 with pigz -9: it has pigz, and less crosses the link',
    ],
    [{ here: ['gzip'] }, 'compressed on root@vz6 with gzip -1: less crosses the link'],
    [{ source: [], here: ['gzip'] }, 'compressed here with gzip -1: root@vz6 has no gzip program'],
    [
      { source: [], here: [] },
      'compressed here with zlib level 1 in this process: root@vz6 has no gzip program',
    ],
    [{ compressAt: 'source' }, 'compressed on root@vz6 with gzip -1: --compress-at'],
    [{ compressAt: 'here', source: all }, 'compressed here with pigz -1: --compress-at'],
    [{ compression: 'off' }, 'compressed here with gzip level 0: only stored, so it does not matter where'],
    [
      { remote: null, source: ['gzip'], here: ['gzip'] },
      'compressed on this machine with gzip -1: the fastest that it has for the level',
    ],
    [
      { remote: null, source: [], here: [] },
      'compressed here with zlib level 1 in this process: this machine has no gzip program',
    ],
  ];
  for (const [options, text] of cases) assert.equal(choose(options), text);
  assert.throws(() => choose({ compressAt: 'source', source: [] }), { code: 'NO_GZIP', exit: 69 });
});

test('the shell pipeline quotes every word', () => {
  const script = packScript({
    tar: ['tar', '-C', "/a'b", '.'],
    compression: { at: 'source', argv: ['gzip', '-1'] },
  });
  assert.equal(script, `{ { tar -C '/a'\\''b' .; echo "vz2osctl-tar=$?" >&3; } | gzip -1; } 3>&2`);
});
