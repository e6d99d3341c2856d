import assert from 'node:assert/strict';
import { test } from 'node:test';
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

test('the shell pipeline quotes every word', () => {
  const script = packScript({
    tar: ['tar', '-C', "/a'b", '.'],
    compressor: { kind: 'program', argv: ['gzip', '-1'] },
  });
  assert.equal(script, `{ { tar -C '/a'\\''b' .; echo "vz2osctl-tar=$?" >&3; } | gzip -1; } 3>&2`);
});
