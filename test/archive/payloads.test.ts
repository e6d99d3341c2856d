import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describePayloads } from '../../lib/archive/payloads.ts';

test('one tar is a tar archive', () => {
  assert.deepEqual(describePayloads(['rootfs/base.tar.gz']), { format: 'tar', datasets: [] });
});

test('streams are a zfs archive with its datasets, parents first', () => {
  const names = [
    'rootfs/base.dat',
    'rootfs/var/base.dat.gz',
    'rootfs/var/lib/base.dat',
    'rootfs/incremental.dat',
    'snapshots.yml',
  ];
  assert.deepEqual(describePayloads(names), { format: 'zfs', datasets: ['var', 'var/lib'] });
});

for (const [names, message] of [
  [[], /no payload came/],
  [['rootfs/base.tar.gz', 'rootfs/base.dat'], /stands alone/],
  [['rootfs/base.tar'], /no name that osctld knows/],
  [['metadata.yml'], /no name that osctld knows/],
  [['rootfs/../base.tar.gz'], /no name that osctld knows/],
  [['rootfs/var/base.dat'], /before the base stream of its parent/],
  [['rootfs/base.dat', 'rootfs/a/b/base.dat'], /before the base stream of its parent/],
  [['rootfs/base.dat', 'rootfs/a/incremental.dat'], /without its base stream/],
  [['rootfs/base.dat', 'rootfs/base.dat/base.dat'], /no name that osctld knows/],
  [
    ['rootfs/base.dat', 'rootfs/incremental.dat', 'rootfs/incremental.dat.gz'],
    /a second incremental stream of the same dataset/,
  ],
  [['snapshots.yml'], /no base stream of the root dataset/],
] as const) {
  test(`refuses ${JSON.stringify(names)}`, () => {
    assert.throws(() => describePayloads(names), message);
  });
}
