import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ownDataset, parseDatasets } from '../../lib/source/datasets.ts';
import { mountOf, mountsBelow, parseMounts } from '../../lib/source/mounts.ts';
import { parseResolvConf } from '../../lib/source/resolv-conf.ts';

const MOUNTS = parseMounts(
  [
    'rootfs / rootfs rw 0 0',
    '/dev/sda1 / ext4 rw 0 0',
    '/dev/sda2 /vz ext4 rw 0 0',
    '/vz/private/101 /vz/root/101 simfs rw 0 0',
    'nas:/x /vz/private/101/mnt/a\\040b\\134c\\012d\\303\\251 nfs rw 0 0',
    '/vz/private/1011 /vz/private/1011/sub none rw 0 0',
    'vz/private/102 /vz/private/102 zfs rw 0 0',
    'vz/private/103 /vz/private/103 zfs rw 0 0',
    '',
  ].join('\n'),
);

it('mounts: escapes, the one that holds a path, those below', () => {
  assert.deepEqual(mountsBelow(MOUNTS, '/vz/private/101'), ['/vz/private/101/mnt/a b\\c\ndé']);
  assert.equal(mountOf(MOUNTS, '/vz/private/101')?.device, '/dev/sda2');
  assert.equal(mountOf(MOUNTS, '/vz/private/102/x')?.path, '/vz/private/102');
  assert.equal(mountOf(MOUNTS, '/etc')?.device, '/dev/sda1');
  assert.deepEqual(mountsBelow(MOUNTS, '/nowhere'), []);
});

const LIST = parseDatasets(
  [
    ['vz', '/vz'],
    ['vz/private', '/vz/private'],
    ['vz/private/102', '/vz/private/102'],
    ['vz/private/102/sub', 'legacy'],
    ['vz/private/102/other', '/vz/private/102/other'],
    ['vz/private/103', 'legacy'],
    ['vz/private/104', '/vz/private/104'],
    ['vz/private/105', '/vz/private/105'],
    ['vz/private/105/rootfs', '/vz/private/105/private'],
    ['vz/private/106', '/vz/private/106'],
    ['tank/x', '/tank/x'],
    ['tank/many', 'legacy'],
    ['fuse/private/109', '/fuse/private/109'],
    ['bound', 'legacy'],
  ]
    .map((row) => `${row.join('\t')}\n`)
    .join(''),
);
const ZFS_MOUNTS = parseMounts(
  [
    '/dev/sda1 / ext4 rw 0 0',
    'vz /vz zfs rw 0 0',
    'vz/private /vz/private zfs rw 0 0',
    'vz/private/102 /vz/private/102 zfs rw 0 0',
    'vz/private/103 /vz/private/103 zfs rw 0 0',
    'vz/private/105 /vz/private/105 zfs rw 0 0',
    'vz/private/105/rootfs /vz/private/105/private zfs rw 0 0',
    'vz/private/106 /vz/private/106 zfs rw 0 0',
    '/dev/sdb1 /vz/private/106 ext4 rw 0 0',
    'tank/x /tank/x zfs rw 0 0',
    'tank/x /vz/private/107 zfs rw 0 0',
    'tank/many /vz/private/108 zfs rw 0 0',
    'fuse/private/109 /fuse/private/109 fuse.zfs rw 0 0',
    'vz/private/104 /vz/private/110 nfs rw 0 0',
    'bound /srv/111 zfs rw 0 0',
    'bound /vz/private/111 zfs rw 0 0',
    '',
  ].join('\n'),
);

/** `DATASET:SUBDIR`, or null. */
function ownOf(tree: string, ctid = tree.split('/')[3] ?? ''): string | null {
  const own = ownDataset({ datasets: LIST, mounts: ZFS_MOUNTS }, tree, ctid);
  return own && `${own.name}:${own.subdir}`;
}

it('datasets: the own one, with the private area below its root or at it', () => {
  assert.deepEqual(ownDataset({ datasets: LIST, mounts: ZFS_MOUNTS }, '/vz/private/102/private', '102'), {
    name: 'vz/private/102',
    mountpoint: '/vz/private/102',
    subdir: 'private',
    children: ['vz/private/102/other', 'vz/private/102/sub'],
  });
  assert.equal(ownOf('/vz/private/102'), 'vz/private/102:null');
  assert.equal(ownOf('/vz/private/102/a/b'), 'vz/private/102:a/b');
  assert.equal(ownOf('/vz/private/103/private'), 'vz/private/103:private', 'a legacy mount');
  assert.equal(ownOf('/vz/private/108'), 'tank/many:null', 'mounted at the private area, whatever its name');
  assert.equal(ownOf('/fuse/private/109/private'), 'fuse/private/109:private', 'zfs-fuse');
});

it('datasets: the deepest one, where one is mounted in another', () => {
  assert.equal(ownOf('/vz/private/105/private'), 'vz/private/105/rootfs:null');
});

it('datasets: none of many containers, none that is not mounted, hidden, or bound there', () => {
  assert.equal(ownOf('/vz/private/101'), null, 'a directory in the dataset of all');
  assert.equal(ownOf('/vz/private/102/private', '1'), null, 'of another id');
  assert.equal(ownOf('/vz/private/104/private'), null, 'not mounted');
  assert.equal(ownOf('/vz/private/106/private'), null, 'another file system is mounted over it');
  assert.equal(ownOf('/vz/private/107'), null, 'a bind mount of a directory');
  assert.equal(ownOf('/vz/private/110'), null, 'no ZFS');
  assert.equal(ownOf('/vz/private/111'), null, 'one of the two is a bind mount');
  assert.equal(ownDataset({ datasets: [], mounts: [] }, '/vz/private/101', '101'), null);
});

it('resolv.conf: the last search list counts', () => {
  const text =
    '# nameserver 9.9.9.9\nnameserver 192.0.2.1\n nameserver 192.0.2.9\nnameserver\t2001:db8::1 # x\ndomain a\nsearch b c\r\nnameserver\n';
  assert.deepEqual(parseResolvConf(text), {
    nameservers: ['192.0.2.1', '2001:db8::1'],
    searchDomains: ['b', 'c'],
  });
});
